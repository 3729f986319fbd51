"""Bad input to layers and to nn.functional: an exception of the house that names the op, the value and the shapes; afterwards
nothing is half-changed."""

import pytest

import tensorgrad as tg
from tensorgrad import nn
from tensorgrad.nn import functional as F
from tensorgrad.nn.utils import parametrizations, parametrize, prune, rnn

x3, x4, x5 = tg.ones(2, 3, 5), tg.ones(1, 2, 4, 5), tg.ones(1, 2, 3, 4, 5)
labels = tg.tensor([0, 9])

CALLS = {  # what -> call, what the message must say
    "dropout p": (lambda: nn.Dropout(2), "2"),
    "functional dropout p": (lambda: F.dropout(x3, 2.0), "2.0"),
    "feature dropout p": (lambda: F.dropout2d(x4, -0.5), "-0.5"),
    "attention dropout": (lambda: nn.MultiheadAttention(4, 2, dropout=2.0), "2.0"),
    "groups": (lambda: nn.Conv3d(3, 4, 3, groups=2), "groups 2"),
    "functional groups": (lambda: F.conv3d(x5, tg.ones(3, 1, 1, 1, 1), groups=2), "groups"),
    "kernel larger than the image": (lambda: nn.Conv3d(2, 2, 5)(x5), r"\(1, 2, 3, 4, 5\)"),
    "pool larger than the image": (lambda: nn.MaxPool3d(4)(x5), r"\(1, 2, 3, 4, 5\)"),
    "pool padding": (lambda: nn.AvgPool3d(2, padding=2)(x5), "padding"),
    "pool rank": (lambda: F.max_pool3d(x3[0], 2), r"\(3, 5\)"),
    "fractional pool": (lambda: F.fractional_max_pool2d(x4, 3, 3), r"\(1, 2, 4, 5\)"),
    "fractional pool ratio": (lambda: nn.FractionalMaxPool2d(2, output_ratio=1.5), "1.5"),
    "fractional pool without size": (lambda: nn.FractionalMaxPool2d(2), "output_size"),
    "unpool index": (lambda: F.max_unpool2d(x4, tg.full((1, 2, 4, 5), 80), 2), "80"),
    "unpool negative index": (lambda: F.max_unpool2d(x4, tg.full((1, 2, 4, 5), -1), 2), "-1"),
    "unpool float indices": (lambda: F.max_unpool2d(x4, x4, 2), "int64"),
    "unpool size": (lambda: F.max_unpool1d(x3, x3.long(), 2, output_size=(20,)), "20"),
    "reflection": (lambda: nn.ReflectionPad1d(5)(x3), r"\(2, 3, 5\)"),
    "reflection of nothing": (lambda: F.pad(tg.ones(1, 2, 0), (0, 0), mode="reflect"), r"\(1, 2, 0\)"),
    "circular": (lambda: nn.CircularPad2d(6)(x4), r"\(1, 2, 4, 5\)"),
    "crop": (lambda: F.pad(x3, (-3, -3)), r"\(2, 3, 5\)"),
    "pad length": (lambda: F.pad(x3, (1, 2, 3)), r"\(1, 2, 3\)"),
    "pad mode": (lambda: F.pad(x3, (1, 1), mode="mirror"), "mirror"),
    "padding mode": (lambda: nn.Conv2d(1, 1, 1, padding_mode="mirror"), "mirror"),
    "interpolate mode": (lambda: F.interpolate(x3, 4, mode="bilinear"), r"\(2, 3, 5\)"),
    "interpolate both": (lambda: F.interpolate(x3, 4, 2.0), "scale_factor"),
    "interpolate to nothing": (lambda: F.interpolate(x3, scale_factor=0.1), r"\(0,\)"),
    "interpolate nan": (lambda: F.interpolate(x3, scale_factor=float("nan")), "nan"),
    "interpolate corners": (lambda: F.interpolate(x3, 4, align_corners=True), "align_corners"),
    "grid": (lambda: F.grid_sample(x4, tg.ones(1, 2, 2, 3), align_corners=False), r"\(1, 2, 2, 3\)"),
    "affine grid": (lambda: F.affine_grid(tg.ones(1, 3, 2), (1, 1, 2, 2), align_corners=False), r"\(1, 3, 2\)"),
    "shuffle": (lambda: nn.PixelShuffle(2)(x3), r"\(2, 3, 5\)"),
    "unshuffle": (lambda: nn.PixelUnshuffle(2)(x4), r"\(1, 2, 4, 5\)"),
    "shuffle factor": (lambda: F.pixel_shuffle(x4, 0), "0"),
    "channel shuffle": (lambda: nn.ChannelShuffle(2)(x3), r"\(2, 3, 5\)"),
    "bag index": (lambda: nn.EmbeddingBag(4, 2)(tg.tensor([[0, 4]])), "4"),
    "bag offsets": (lambda: F.embedding_bag(tg.tensor([0, 1]), tg.ones(4, 2), tg.tensor([0, 3])), r"\[0, 3\]"),
    "bag offsets descend": (lambda: F.embedding_bag(tg.tensor([0, 1]), tg.ones(4, 2), tg.tensor([0, 2, 1])), "2, 1"),
    "bag weights": (lambda: F.embedding_bag(tg.tensor([[0]]), tg.ones(4, 2), mode="max", per_sample_weights=tg.ones(1, 1)), "max"),
    "bag padding": (lambda: F.embedding_bag(tg.tensor([[0]]), tg.ones(4, 2), padding_idx=4), "4"),
    "adaptive target": (lambda: nn.AdaptiveLogSoftmaxWithLoss(5, 9, [2, 4])(tg.ones(2, 5), labels), "9"),
    "adaptive cutoffs": (lambda: nn.AdaptiveLogSoftmaxWithLoss(5, 9, [4, 2]), r"\[4, 2\]"),
    "linear cross entropy": (lambda: F.linear_cross_entropy(tg.ones(2, 3), tg.ones(4, 3), labels), "9"),
    "linear cross entropy shapes": (lambda: F.linear_cross_entropy(tg.ones(2, 3), tg.ones(4, 2), labels), r"\(4, 2\)"),
    "heads": (lambda: nn.MultiheadAttention(5, 2), "5"),
    "attention mask": (lambda: nn.MultiheadAttention(5, 1)(x3, x3, x3, attn_mask=tg.ones(2, 3)), r"\(2, 3\)"),
    "attention padding": (lambda: nn.MultiheadAttention(5, 1)(x3, x3, x3, key_padding_mask=tg.ones(2, 3)), r"\(2, 3\)"),
    "attention features": (lambda: nn.MultiheadAttention(4, 1)(x3, x3, x3), r"\(2, 3, 5\)"),
    "attention groups": (lambda: F.scaled_dot_product_attention(x4, tg.ones(1, 3, 4, 5), tg.ones(1, 3, 4, 5), enable_gqa=True), "3"),
    "transformer batch": (lambda: nn.Transformer(4, 2, 1, 1, 4)(tg.ones(2, 3, 4), tg.ones(2, 1, 4)), r"\(2, 1, 4\)"),
    "transformer activation": (lambda: nn.TransformerEncoderLayer(4, 2, activation="tanh"), "tanh"),
    "rnn layers": (lambda: nn.LSTM(2, 3, num_layers=0), "0"),
    "rnn projection": (lambda: nn.LSTM(2, 3, proj_size=3), "3"),
    "packed features": (lambda: nn.GRU(3, 2)(rnn.pack_sequence([tg.ones(2, 4)])), r"\(2, 4\)"),
    "lengths beyond T": (lambda: rnn.pack_padded_sequence(x3, [3, 1, 1], enforce_sorted=False), r"\[3, 1, 1\]"),
    "length 0": (lambda: rnn.pack_padded_sequence(x3, [2, 1, 0]), r"\[2, 1, 0\]"),
    "lengths not sorted": (lambda: rnn.pack_padded_sequence(x3, [1, 2, 1]), "sorted"),
    "too many lengths": (lambda: rnn.pack_padded_sequence(x3, [2, 1]), "3"),
    "total length": (lambda: rnn.pad_packed_sequence(rnn.pack_sequence([tg.ones(3)]), total_length=2), "total_length=2"),
    "no sequences": (lambda: rnn.pad_sequence([]), "empty"),
    "sequences of different features": (lambda: rnn.pad_sequence([tg.ones(2, 3), tg.ones(2, 4)]), r"\(2, 4\)"),
    "parametrize what is not there": (lambda: parametrize.register_parametrization(nn.Linear(2, 2), "w", nn.ReLU()), "'w'"),
    "parametrization changes the shape": (lambda: parametrize.register_parametrization(nn.Linear(2, 3), "weight", nn.Flatten(0)),
                                          r"\(3, 2\)"),
    "not parametrized": (lambda: parametrize.remove_parametrizations(nn.Linear(2, 2), "weight"), "'weight'"),
    "orthogonal map": (lambda: parametrizations.orthogonal(nn.Linear(2, 2), orthogonal_map="qr"), "qr"),
    "orthogonal vector": (lambda: parametrizations.orthogonal(nn.Linear(2, 2), "bias"), r"\(2,\)"),
    "power iterations": (lambda: parametrizations.spectral_norm(nn.Linear(2, 2), n_power_iterations=0), "0"),
    "spectral dim": (lambda: parametrizations.spectral_norm(nn.Linear(2, 2), dim=2), "2"),
    "prune fraction": (lambda: prune.l1_unstructured(nn.Linear(2, 2), "weight", 1.5), "1.5"),
    "prune too many": (lambda: prune.l1_unstructured(nn.Linear(2, 2), "weight", 5), "5"),
    "prune what is not there": (lambda: prune.l1_unstructured(nn.Linear(2, 2), "w", 1), "'w'"),
    "prune dim": (lambda: prune.ln_structured(nn.Linear(2, 2), "weight", 1, 2, 5), "5"),
    "prune a vector": (lambda: prune.random_structured(nn.Linear(2, 2), "bias", 1, 0), r"\(2,\)"),
    "not pruned": (lambda: prune.remove(nn.Linear(2, 2), "weight"), "weight"),
    "grouped offsets": (lambda: F.grouped_mm(tg.ones(4, 2), tg.ones(2, 2, 3), offs=tg.tensor([3, 5])), r"\[3, 5\]"),
    "scale of a matrix": (lambda: F.scaled_mm(tg.ones(2, 2).to(tg.float8_e4m3fn), tg.ones(2, 2).to(tg.float8_e4m3fn), tg.ones(3),
                                              F.ScalingType.RowWise, tg.ones(2), F.ScalingType.RowWise), r"\(3,\)"),
    "pdist rank": (lambda: F.pdist(x3), r"\(2, 3, 5\)"),
    "conv padding numbers": (lambda: nn.Conv3d(2, 2, 2, padding=(1, 2)), r"padding must be one number or 3, got \(1, 2\)"),
    "conv output padding numbers": (lambda: nn.ConvTranspose1d(2, 2, 2, output_padding=(1, 2)), "output_padding .* 1, got"),
    "conv output size of a scalar": (lambda: nn.ConvTranspose1d(2, 2, 2)(tg.tensor(1.0), output_size=(2,)), r"shape \(\)"),
    "unpool stride numbers": (lambda: nn.MaxUnpool1d(2, stride=(1, 2)), r"stride .* 1, got \(1, 2\)"),
    "border numbers": (lambda: nn.ZeroPad2d((1, 2, 3)), r"padding must be one number or 4, got \(1, 2, 3\)"),
    "cross-map size": (lambda: nn.CrossMapLRN2d(0)(x4), "0"),
    "rnn mode": (lambda: nn.RNNBase("TANH", 2, 3), "'TANH'"),
    "adaptive div_value": (lambda: nn.AdaptiveLogSoftmaxWithLoss(5, 9, [2, 4], div_value=0), "div_value must be positive, got 0"),
    "transformer layers": (lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2), -1), "got -1"),
    "transformer scalar": (lambda: nn.Transformer(4, 2, 1, 1, 4)(tg.tensor(1.0), x3), r"src \(\)"),
    "encoder scalar": (lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2), 1)(tg.tensor(1.0), tg.ones(1, 1)), r"query \(\)"),
    "chunking": (lambda: nn.LinearCrossEntropyOptions(chunking_method=-5), "chunking_method: -5"),
    "glu of a scalar": (lambda: nn.GLU()(tg.tensor(1.0)), "dim -1"),
    "glu dim": (lambda: nn.GLU(5)(x3), "dim 5"),
    "fan mode": (lambda: nn.init.kaiming_uniform_(tg.empty(2, 3), mode=3), "Mode 3"),
    "truncated std": (lambda: nn.init.trunc_normal_(tg.empty(2), std=0), "got 0"),
    "sparsity": (lambda: nn.init.sparse_(tg.empty(2, 3), -1), "got -1"),
    "rrelu bounds": (lambda: F.rrelu(x3, 0.5, 0.1), "0.5"),
}


@pytest.mark.parametrize(("call", "says"), [
    (lambda: nn.Buffer(3), "Buffer: expected a tensor, got int"),
    (lambda: prune.PruningContainer(3), "int is not a BasePruningMethod"),
    (lambda: nn.DropConnect(3), "layer must be a Module, got int"),
    (lambda: nn.init.orthogonal_(tg.empty(2, 3).half()), "must be float32 or float64, got tensorgrad.float16"),
    (lambda: nn.utils.clip_grads_with_norm_([], 1, 2.0), "total_norm must be a tensor, got float"),
    (lambda: nn.LinearCrossEntropyLoss(3, 4, weight=3), "weight must be a tensor, got int"),
], ids=["buffer", "pruning", "drop connect", "orthogonal", "total norm", "linear cross entropy"])
def test_what_is_of_another_type_is_named(call, says):
    with pytest.raises(TypeError, match=says):
        call()


@pytest.mark.parametrize("what", CALLS)
def test_error_says_what_is_wrong(what):
    call, says = CALLS[what]
    with pytest.raises((ValueError, RuntimeError, IndexError), match=says):
        call()


def test_a_failed_registration_leaves_the_layer_as_it_was():
    layer = nn.Linear(2, 3)
    weight, before = layer.weight, layer.weight.tolist()
    for attempt in (lambda: parametrize.register_parametrization(layer, "weight", nn.Flatten(0)),
                    lambda: prune.l1_unstructured(layer, "weight", 99), lambda: prune.ln_structured(layer, "weight", 1, 2, 7),
                    lambda: prune.custom_from_mask(layer, "weight", tg.ones(3))):
        with pytest.raises((ValueError, RuntimeError, IndexError)):
            attempt()
        assert layer.weight is weight and weight.tolist() == before and list(layer.state_dict()) == ["weight", "bias"]
        assert type(layer) is nn.Linear and not prune.is_pruned(layer)
    prune.l1_unstructured(layer, "weight", 2)
    masked = layer.weight.tolist()
    with pytest.raises(RuntimeError):
        prune.l1_unstructured(layer, "weight", 99)
    assert layer.weight.tolist() == masked and layer.weight_mask.sum().item() == 4


def test_load_state_dict_lists_everything_and_changes_nothing():
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.TransformerEncoderLayer(4, 2, 4))
    before = {k: v.tolist() for k, v in net.state_dict().items()}
    state = {k: v * 0 + 7 for k, v in net.state_dict().items()}
    del state["0.bias"], state["2.self_attn.in_proj_weight"]
    state |= {"0.weights": tg.ones(1), "3.weight": tg.ones(1), "1.running_mean": tg.ones(4), "2.linear1.weight": tg.ones(2, 2)}
    with pytest.raises(RuntimeError) as info:
        net.load_state_dict(state)
    for key in ("0.bias", "2.self_attn.in_proj_weight", "0.weights", "3.weight", "1.running_mean", "2.linear1.weight"):
        assert key in str(info.value)
    assert {k: v.tolist() for k, v in net.state_dict().items()} == before
    with pytest.raises(RuntimeError, match="size mismatch"):
        net.load_state_dict(state, strict=False)
    assert {k: v.tolist() for k, v in net.state_dict().items()} == before


def test_xavier_of_no_units_is_no_draw():
    state = tg.get_rng_state()
    assert nn.init.xavier_normal_(tg.empty(0, 0)).shape == nn.init.xavier_uniform_(tg.empty(0, 0)).shape == (0, 0)
    assert tg.equal(tg.get_rng_state(), state)
