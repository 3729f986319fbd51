"""Calls of every class of nn and every function of nn.functional, and how they are run in tensorgrad or in PyTorch.

A line is `expression | inputs | call`. The expression makes a layer of nn (LAYERS; UTILITIES: one that nn.utils changed) or
computes with nn.functional as F, nn, nn.utils.rnn as R, ScalingType as S, the library as L and the inputs x, y, z, w
(FUNCTIONS); the call, by default m(x, y, ...), uses a layer m. INITIALISERS fill tensors (m: what they return), draw for draw.
Inputs, separated by spaces: `2,3` normal numbers of that shape (`-`: no dimensions), `u:` uniform, `l:` log-probabilities along
the last dimension, `s:` signs, `b:` booleans, `i5:` integers below 5, `d:` normal numbers without gradient.
"""

import inspect
import warnings

LAYERS = """
Identity() | 2,3
Linear(3, 4) | 2,3
Bilinear(2, 3, 4, bias=False) | 5,2 5,3
Flatten(0, 1) | 2,3,4
Unflatten(1, (2, 3)) | 2,6
Conv1d(4, 6, 3, stride=2, padding=1, groups=2, padding_mode='replicate') | 2,4,7
Conv2d(3, 4, (3, 2), padding=1, dilation=2, padding_mode='reflect') | 1,3,6,7
Conv2d(2, 2, 3, padding='same', padding_mode='circular') | 1,2,5,4
Conv3d(2, 3, 2, stride=(1, 2, 1), padding=1, bias=False) | 1,2,3,4,3
Conv3d(1, 2, 3, padding=1, padding_mode='replicate') | 1,3,3,2
ConvTranspose1d(2, 3, 3, stride=2, padding=1, output_padding=1) | 2,2,4
ConvTranspose2d(4, 2, 3, groups=2, dilation=2) | 1,4,3,2
ConvTranspose3d(2, 2, 2, stride=2) | 1,2,2,1,3 | m(x, output_size=(5, 3, 6))
Fold((4, 5), 2) | 1,8,12
Unfold(3, padding=1) | 1,2,4,4
MaxPool1d(2, stride=1, dilation=2, return_indices=True) | 2,2,6
MaxPool2d(3, 2, 1, ceil_mode=True) | 1,2,6,6
MaxPool3d(2, return_indices=True) | 1,2,4,3,4
MaxUnpool1d(2) | 1,2,6 | m(*F.max_pool1d(x, 2, return_indices=True))
MaxUnpool2d(2, 2) | 1,2,5,4 | m(*F.max_pool2d(x, 2, return_indices=True), output_size=(5, 4))
MaxUnpool3d(2) | 1,1,4,2,4 | m(*F.max_pool3d(x, 2, return_indices=True))
FractionalMaxPool2d(2, output_size=(3, 2), return_indices=True) | 1,2,6,5
FractionalMaxPool3d(2, output_ratio=0.6) | 1,1,6,5,6
AvgPool1d(3, 2, 1) | 1,2,7
AvgPool2d(2, ceil_mode=True, count_include_pad=False) | 1,2,5,5
AvgPool3d(2, 1, 1, divisor_override=3) | 1,2,3,2,3
LPPool1d(2, 3) | 1,2,7
LPPool2d(1.5, 2, stride=1) | u:1,2,4,5
LPPool3d(2, 2) | 1,2,4,2,3
AdaptiveAvgPool1d(3) | 1,2,7
AdaptiveAvgPool2d((3, None)) | 1,2,7,5
AdaptiveAvgPool3d((2, 1, None)) | 1,2,3,4,2
AdaptiveMaxPool1d(3, return_indices=True) | 1,2,7
AdaptiveMaxPool2d((None, 2)) | 1,2,3,5
AdaptiveMaxPool3d(2) | 1,2,3,4,5
ConstantPad1d(2, 1.5) | 1,2,3
ConstantPad2d((1, -1, 0, 2), 3.0) | 1,2,3,4
ConstantPad3d(1, -0.5) | 1,1,2,2,1
ZeroPad1d((1, 2)) | 2,3
ZeroPad2d(1) | 1,2,3
ZeroPad3d((0, 1, 1, 0, 2, 0)) | 1,2,2,2
ReflectionPad1d(2) | 1,2,4
ReflectionPad2d((1, 2, 0, 1)) | 1,2,3,4
ReflectionPad3d(1) | 1,1,2,3,2
ReplicationPad1d((3, 0)) | 2,3
ReplicationPad2d(2) | 1,2,2,3
ReplicationPad3d((1, 2, 0, 1, 1, 0)) | 1,1,2,2,3
CircularPad1d((2, 1)) | 1,2,4
CircularPad2d((1, 2, 2, 0)) | 1,2,3,4
CircularPad3d(1) | 1,1,2,1,3
Upsample(scale_factor=2) | 1,2,3
Upsample(size=(5, 3), mode='bicubic') | 1,1,4,4
Upsample(scale_factor=1.7, mode='trilinear', align_corners=True) | 1,1,2,3,2
UpsamplingNearest2d(scale_factor=2) | 1,2,2,3
UpsamplingBilinear2d(size=(4, 5)) | 1,2,2,3
PixelShuffle(2) | 1,8,2,3
PixelUnshuffle(2) | 1,2,4,6
ChannelShuffle(3) | 1,6,2
BatchNorm1d(3) | 4,3
BatchNorm2d(3, momentum=None, affine=False) | 2,3,2,2
BatchNorm3d(2, track_running_stats=False) | 2,2,2,1,2
InstanceNorm1d(3, affine=True, track_running_stats=True) | 2,3,4
InstanceNorm2d(2) | 2,2,2,3
InstanceNorm3d(2) | 1,2,2,2,2
LayerNorm((3, 4), bias=False) | 2,3,4
RMSNorm(4) | 2,4
GroupNorm(2, 4) | 2,4,3
LocalResponseNorm(3) | 1,4,2,2
CrossMapLRN2d(3, alpha=0.1) | d:1,2,2,2
Dropout(0.3) | 3,4
Dropout1d(0.4) | 3,4,2
Dropout2d() | 2,4,2,2
Dropout3d() | 2,4,1,2,2
AlphaDropout(0.3) | 3,4
FeatureAlphaDropout(0.4) | 3,4,2
Embedding(5, 3, padding_idx=1, max_norm=1.0) | i5:2,3
EmbeddingBag(5, 3) | i5:2,4
EmbeddingBag(5, 3, mode='sum', include_last_offset=True, padding_idx=2) | i5:6 6 | m(x, L.tensor([0, 2, 2, 6]), y)
EmbeddingBag(5, 3, mode='max') | i5:7 | m(x, L.tensor([0, 3, 3]))
RNN(3, 4, 2, nonlinearity='relu', bidirectional=True) | 5,2,3
LSTM(3, 4, 2, batch_first=True, dropout=0.4, proj_size=2) | 2,5,3
LSTM(3, 4, bidirectional=True) | 5,3,3 | m(R.pack_padded_sequence(x, [2, 5, 4], enforce_sorted=False))[1]
GRU(3, 4, 2, bias=False) | 5,2,3 2,2,4
RNNBase('GRU', 3, 4, batch_first=True) | 1 | x * 1
RNNCellBase(2, 3, True, 2) | 1 | x * 1
RNNCell(3, 4) | 2,3 2,4
LSTMCell(3, 4) | 2,3 2,4 2,4 | m(x, (y, z))
GRUCell(3, 4, bias=False) | 2,3
MultiheadAttention(8, 2) | 4,2,8 | m(x, x, x)
MultiheadAttention(6, 3, 0.2, add_bias_kv=True, add_zero_attn=True, kdim=4, vdim=5) | 3,2,6 4,2,4 4,2,5 | m(x, y, z)
MultiheadAttention(8, 2, batch_first=True) | 2,3,8 | m(x, x, x, attn_mask=L.ones(3, 3).triu(1) > 0, is_causal=True, need_weights=False)
TransformerEncoderLayer(8, 2, 12) | 3,2,8
TransformerDecoderLayer(8, 2, 12, 0.0, 'gelu', norm_first=True) | 3,2,8 4,2,8
TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 6, 0.0), 2, nn.LayerNorm(4)) | 3,2,4
TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 6, 0.0), 2) | 3,2,4 2,2,4
Transformer(4, 2, 1, 1, 6, batch_first=True) | 2,3,4 2,2,4 | m(x, y, tgt_mask=m.generate_square_subsequent_mask(2).double())
ReLU() | 2,3
ReLU6() | 2,3
LeakyReLU(0.2) | 2,3
PReLU(3) | 2,3
RReLU() | 3,4
ELU(0.7) | 2,3
CELU(0.7) | 2,3
SELU() | 2,3
GELU('tanh') | 2,3
SiLU() | 2,3
Mish() | 2,3
Hardtanh(-0.5, 1.5) | 2,3
Hardsigmoid() | 2,3
Hardswish() | 2,3
Threshold(0.1, 2.0) | 2,3
Softplus(2.0, 1.0) | 2,3
Hardshrink() | 2,3
Softshrink(0.3) | 2,3
Tanh() | 2,3
Tanhshrink() | 2,3
Sigmoid() | 2,3
LogSigmoid() | 2,3
Softsign() | 2,3
GLU() | 2,4
Softmax(1) | 2,3
Softmin(1) | 2,3
LogSoftmax(0) | 2,3
Softmax2d() | 1,3,2,2
L1Loss() | 2,3 2,3
MSELoss(reduction='sum') | 2,3 2,3
SmoothL1Loss(beta=0.5) | 2,3 2,3
HuberLoss(delta=0.5) | 2,3 2,3
BCELoss() | u:2,3 u:2,3
BCEWithLogitsLoss(pos_weight=L.tensor([1.0, 2.0, 3.0])) | 2,3 u:2,3
NLLLoss(weight=L.tensor([1.0, 2.0, 0.5]), ignore_index=0) | l:4,3 i3:4
NLLLoss2d() | 1,3,2,2 i3:1,2,2
CrossEntropyLoss(label_smoothing=0.1) | 4,3 i3:4
CrossEntropyLoss(reduction='sum') | 2,3,2 u:2,3,2
KLDivLoss(reduction='batchmean') | l:2,3 u:2,3
PoissonNLLLoss(full=True) | 2,3 u:2,3
GaussianNLLLoss() | 2,3 2,3 u:2,3
MarginRankingLoss(0.5) | 3 3 s:3
HingeEmbeddingLoss() | 4 s:4
CosineEmbeddingLoss(0.1) | 4,3 4,3 s:4
CosineSimilarity() | 2,3 2,3
PairwiseDistance(3.0) | 2,3 2,3
SoftMarginLoss() | 2,3 s:2,3
MultiMarginLoss(p=2) | 3,4 i4:3
MultiLabelMarginLoss() | 2,4 i4:2,4
MultiLabelSoftMarginLoss() | 2,3 u:2,3
TripletMarginLoss(swap=True) | 2,3 2,3 2,3
TripletMarginWithDistanceLoss() | 2,3 2,3 2,3
CTCLoss(reduction='none') | l:5,2,4 | m(x, L.tensor([[1, 2], [3, 3]]), (5, 4), (2, 1))
AdaptiveLogSoftmaxWithLoss(8, 12, [3, 7], div_value=2.0, head_bias=True) | 4,8 i12:4
LinearCrossEntropyLoss(3, 5, bias=True, label_smoothing=0.1) | 4,3 i5:4
LinearCrossEntropyOptions(batch_chunk_size=2) | 1 | x * m.batch_chunk_size
Sequential(nn.Linear(2, 3), nn.Tanh()) | 2,2
ModuleList([nn.Linear(2, 2), nn.ReLU()]) | 2,2 | m[1](m[0](x))
ModuleDict({'a': nn.Linear(2, 2), 'b': nn.Tanh()}) | 2,2 | m['b'](m['a'](x))
ParameterList([nn.Parameter(L.ones(2)), nn.Parameter(L.zeros(3))]) | 2 | x * m[0]
ParameterDict({'w': nn.Parameter(L.ones(2))}) | 2 | x * m['w']
Parameter(L.ones(2, 3)) | 3 | x * m.double()
Container(a=nn.Linear(2, 2)) | 2,2 | m.a(x)
Module() | 1 | x * 1
"""

FUNCTIONS = """
F.adaptive_avg_pool1d(x, 3) | 1,2,5
F.adaptive_avg_pool2d(x, (2, 3)) | 1,2,4,5
F.adaptive_avg_pool3d(x, 2) | 1,1,3,4,2
F.adaptive_max_pool1d(x, 3) | 1,2,5
F.adaptive_max_pool1d_with_indices(x, 2) | 1,2,5
F.adaptive_max_pool2d(x, (2, 3), return_indices=True) | 1,2,4,5
F.adaptive_max_pool2d_with_indices(x, 2) | 1,2,4,5
F.adaptive_max_pool3d(x, 2) | 1,1,3,4,2
F.adaptive_max_pool3d_with_indices(x, 2) | 1,1,3,4,2
F.affine_grid(x, (2, 1, 2, 3), align_corners=True) | 2,2,3
F.alpha_dropout(x, 0.4, True) | 3,4
F.avg_pool1d(x, 2, ceil_mode=True) | 1,2,5
F.avg_pool2d(x, 2, padding=1, divisor_override=2) | 1,2,4,3
F.avg_pool3d(x, 2) | 1,2,4,2,2
F.batch_norm(x, None, None, y, z, training=True) | 4,3 3 3
F.bilinear(x, y, z, w) | 2,3 2,2 4,3,2 4
F.binary_cross_entropy(x, y, weight=L.tensor([1.0, 2.0, 3.0])) | u:2,3 u:2,3
F.binary_cross_entropy_with_logits(x, y, reduction='sum') | 2,3 u:2,3
F.celu(x, 0.5) | 2,3
F.celu_(x * 1, 0.5) | 2,3
F.channel_shuffle(x, 2) | 1,4,3
F.conv1d(x, y, z, stride=2, padding=1) | 2,3,6 4,3,3 4
F.conv2d(x, y, groups=2) | 1,4,4,3 2,2,3,2
F.conv3d(x, y, padding='same') | 1,2,2,3,3 2,2,3,1,2
F.conv_tbc(x, y, z, 1) | 4,2,3 3,3,2 2
F.conv_transpose1d(x, y, z, 2, 1, 1) | 1,2,4 2,3,3 3
F.conv_transpose2d(x, y, dilation=2) | 1,2,3,2 2,2,2,2
F.conv_transpose3d(x, y, stride=2) | 1,2,2,2,1 2,1,2,1,2
F.cosine_embedding_loss(x, y, z, margin=0.2) | 3,4 3,4 s:3
F.cosine_similarity(x, y, -1) | 2,3,4 3,4
F.cross_entropy(x, y, ignore_index=1) | 4,3,2 i3:4,2
F.dropout(x, 0.4) | 3,4
F.dropout1d(x) | 2,3,2
F.dropout2d(x, 0.3) | 2,3,2,1
F.dropout3d(x) | 2,3,1,2,1
F.elu(x, 0.5) | 2,3
F.elu_(x * 1) | 2,3
F.embedding(x, y, scale_grad_by_freq=True) | i4:2,3 4,2
F.embedding_bag(x, y, mode='max') | i4:2,3 4,2
F.feature_alpha_dropout(x, 0.5, True) | 3,4,2
F.fold(x, (3, 4), (2, 2)) | 1,8,6
F.fractional_max_pool2d(x, 2, output_ratio=(0.5, 0.6)) | 1,2,6,5
F.fractional_max_pool2d_with_indices(x, 2, 3) | 1,2,6,5
F.fractional_max_pool3d(x, 2, 2) | 1,1,5,4,4
F.fractional_max_pool3d_with_indices(x, 2, 2) | 1,1,5,4,4
F.gaussian_nll_loss(x, y, z, full=True) | 2,3 2,3 u:2,3
F.gelu(x) | 2,3
F.glu(x, 0) | 4,3
F.grid_sample(x, y, align_corners=False) | 1,2,3,4 u:1,2,3,2
F.grid_sample(x, y, 'bicubic', 'reflection', True) | 1,2,3,4 1,2,3,2
F.grid_sample(x, y, 'bilinear', 'border', False) | 1,1,2,3,4 1,2,1,2,3
F.group_norm(x, 2, y, z) | 2,4,3 4 4
F.grouped_mm(x.float(), y.float(), offs=L.tensor([3, 5]).int()) | 5,8 2,8,4
F.gumbel_softmax(x, 0.5, hard=True) | 3,4
F.hardshrink(x) | 2,3
F.hardsigmoid(x) | 2,3
F.hardswish(x) | 2,3
F.hardtanh(x, -0.3, 0.5) | 2,3
F.hardtanh_(x * 1) | 2,3
F.hinge_embedding_loss(x, y) | 4 s:4
F.huber_loss(x, y, delta=0.3) | 2,3 2,3
F.instance_norm(x, weight=y, bias=z) | 2,3,4 3 3
F.interpolate(x, scale_factor=(2, 1.5)) | 1,2,3,4
F.interpolate(x, size=5, mode='linear', align_corners=True) | 1,2,3
F.interpolate(x, size=(3, 7), mode='bilinear', antialias=True) | 1,1,5,4
F.interpolate(x, size=(2, 3), mode='area') | 1,2,5,4
F.kl_div(x, y, reduction='sum', log_target=True) | l:2,3 l:2,3
F.l1_loss(x, y) | 2,3 2,3
F.layer_norm(x, (3,), y, z) | 2,3 3 3
F.leaky_relu(x, 0.3) | 2,3
F.leaky_relu_(x * 1) | 2,3
F.linear(x, y, z) | 2,3 4,3 4
F.linear_cross_entropy(x, y, z, reduction='sum') | 3,2 4,5,2 i4:3,5
F.local_response_norm(x, 2) | 1,4,3
F.log_softmax(x, 1) | 2,3
F.logsigmoid(x) | 2,3
F.lp_pool1d(x, 2, 2) | 1,2,5
F.lp_pool2d(x, 2, 2) | 1,2,4,5
F.lp_pool3d(x, 2, 2) | 1,1,2,4,3
F.margin_ranking_loss(x, y, z) | 4 4 s:4
F.max_pool1d(x, 2) | 1,2,5
F.max_pool1d_with_indices(x, 3, 1, 1) | 1,2,5
F.max_pool2d(x, 2, dilation=2) | 1,2,4,5
F.max_pool2d_with_indices(x, 2) | 1,2,4,5
F.max_pool3d(x, 2, ceil_mode=True) | 1,1,3,4,3
F.max_pool3d_with_indices(x, 2) | 1,1,3,4,2
F.max_unpool1d(x, L.tensor([[[0, 3, 5]]]), 2) | 1,1,3
F.max_unpool2d(x, L.tensor([[[[1, 2], [8, 15]]]]), 2) | 1,1,2,2
F.max_unpool3d(x, L.tensor([[[[[5]]]]]), 2) | 1,1,1,1,1
F.mish(x) | 2,3
F.mse_loss(x, y, reduction='none') | 2,3 2,3
F.multi_head_attention_forward(x, x, x, 4, 2, y, z, None, None, False, 0.0, w, None, need_weights=False) | 3,2,4 12,4 12 4,4
F.multi_margin_loss(x, y, margin=0.5) | 3,4 i4:3
F.multilabel_margin_loss(x, y) | 2,3 i3:2,3
F.multilabel_soft_margin_loss(x, y) | 2,3 u:2,3
F.nll_loss(x, y, reduction='sum') | l:4,3 i3:4
F.normalize(x, 3.0, 0) | 2,3
F.one_hot(x, 5) | i4:2,3
F.pad(x, (1, 2, 0, 1), mode='circular') | 1,2,3,4
F.pad(x, (1, -1), value=2.0) | 2,3
F.pairwise_distance(x, y, keepdim=True) | 2,3 2,3
F.pdist(x, 1.0) | 4,3
F.pixel_shuffle(x, 2) | 1,4,2,2
F.pixel_unshuffle(x, 2) | 1,1,4,2
F.poisson_nll_loss(x, y, log_input=False) | u:2,3 u:2,3
F.prelu(x, y) | 2,3,2 3
F.relu(x) | 2,3
F.relu6(x * 4) | 2,3
F.relu_(x * 1) | 2,3
F.rms_norm(x, (3,), y) | 2,3 3
F.rrelu(x, training=True) | 3,4
F.rrelu_(x * 1, 0.1, 0.4, True) | 3,4
F.scaled_dot_product_attention(x, y, z, is_causal=True) | 1,4,3,2 1,4,5,2 1,4,5,3
F.scaled_dot_product_attention(x, y, y, enable_gqa=True, scale=0.3) | 1,4,3,2 1,2,5,2
F.scaled_mm(x.to(L.float8_e4m3fn), y.to(L.float8_e4m3fn), z.float(), S.TensorWise, w.float(), S.TensorWise) | d:4,6 d:6,5 d:- d:-
F.scaled_mm(x.to(L.float8_e5m2), y.to(L.float8_e4m3fn), z.float(), S.RowWise, w.float(), S.RowWise) | d:4,6 d:6,5 d:4,1 d:1,5
F.selu(x) | 2,3
F.selu_(x * 1) | 2,3
F.sigmoid(x) | 2,3
F.silu(x) | 2,3
F.smooth_l1_loss(x, y, beta=0.3) | 2,3 2,3
F.soft_margin_loss(x, y) | 2,3 s:2,3
F.softmax(x, 0) | 2,3
F.softmin(x, 1) | 2,3
F.softplus(x) | 2,3
F.softshrink(x, 0.2) | 2,3
F.softsign(x) | 2,3
F.tanh(x) | 2,3
F.tanhshrink(x) | 2,3
F.threshold(x, 0.2, -1.0) | 2,3
F.triplet_margin_loss(x, y, z, p=1) | 2,3 2,3 2,3
F.triplet_margin_with_distance_loss(x, y, z, margin=2.0) | 2,3 2,3 2,3
F.unfold(x, 2, stride=2) | 1,2,4,3
F.upsample(x, scale_factor=2) | 1,2,3
F.upsample_bilinear(x, scale_factor=2) | 1,1,2,3
F.upsample_nearest(x, size=5) | 1,1,2
"""

UTILITIES = """
utils.parametrizations.weight_norm(nn.Linear(3, 4)) | 2,3
utils.parametrizations.weight_norm(nn.Conv1d(2, 3, 2), dim=None) | 1,2,4
utils.parametrizations.spectral_norm(nn.Linear(3, 4), n_power_iterations=2) | 2,3
utils.parametrizations.spectral_norm(nn.ConvTranspose1d(2, 3, 2)) | 1,2,4
utils.parametrizations.orthogonal(nn.Linear(4, 4)) | 2,4
utils.parametrizations.orthogonal(nn.Linear(4, 3)) | 2,4
utils.parametrizations.orthogonal(nn.Linear(3, 4), orthogonal_map='cayley') | 2,3
utils.parametrizations.orthogonal(nn.Linear(3, 4), orthogonal_map='householder', use_trivialization=False) | 2,3
utils.parametrize.remove_parametrizations(nn.utils.parametrizations.weight_norm(nn.Linear(3, 4)), 'weight') | 2,3
utils.weight_norm(nn.Linear(3, 4), dim=1) | 2,3
utils.spectral_norm(nn.Conv2d(2, 3, 2)) | 1,2,3,3
utils.remove_spectral_norm(nn.utils.spectral_norm(nn.Linear(3, 4))) | 2,3
utils.prune.identity(nn.Linear(3, 4), 'bias') | 2,3
utils.prune.l1_unstructured(nn.Linear(3, 4), 'weight', 0.4) | 2,3
utils.prune.random_unstructured(nn.Linear(3, 4), 'weight', 5) | 2,3
utils.prune.ln_structured(nn.Linear(3, 4), 'weight', 2, 2, 0) | 2,3
utils.prune.random_structured(nn.Linear(3, 4), 'weight', 0.5, 1) | 2,3
utils.prune.custom_from_mask(nn.Linear(3, 2), 'bias', L.tensor([0, 1])) | 2,3
utils.prune.l1_unstructured(nn.utils.prune.ln_structured(nn.Linear(3, 4), 'weight', 1, 1, 0), 'weight', 0.5) | 2,3
utils.prune.remove(nn.utils.prune.l1_unstructured(nn.Linear(3, 4), 'weight', 0.4), 'weight') | 2,3
utils.fusion.fuse_conv_bn_eval(nn.Conv2d(2, 3, 2).eval(), nn.BatchNorm2d(3).eval()) | 1,2,3,3
utils.fusion.fuse_linear_bn_eval(nn.Linear(3, 4, bias=False).eval(), nn.BatchNorm1d(4).eval()) | 2,3
Identity() | 3,2 2,2 4,2 | R.pad_sequence([x, y, z], padding_value=0.5, padding_side='left')
Identity() | 3,2 2,2 4,2 | R.pad_packed_sequence(R.pack_sequence([x, y, z], enforce_sorted=False), padding_value=2.0, total_length=5)
Identity() | 3,2 2,2 | R.unpack_sequence(R.pack_sequence([x, y]))
Identity() | 2,4,2 | R.unpad_sequence(x, L.tensor([3, 1]), batch_first=True)
GRU(2, 3, bidirectional=True, num_layers=2) | 3,2 1,2 4,2 | m(R.pack_sequence([x, y, z], enforce_sorted=False))[1]
LSTM(2, 3) | 3,2 1,2 | m(R.pack_sequence([x, y]))[0].data
"""

INITIALISERS = """
init.calculate_gain('conv2d') |  | None
init.calculate_gain('tanh') |  | None
init.calculate_gain('selu') |  | None
init.calculate_gain('leaky_relu', 0.3) |  | None
init.uniform_(L.empty(5, 4), -1.0, 2.5) |  | m
init.uniform_(L.empty(70, dtype=L.float64)) |  | m
init.normal_(L.empty(3, 4), 1.0, 0.2) |  | m
init.normal_(L.empty(50, 7)) |  | m
init.normal_(L.empty(20, dtype=L.float64)) |  | m
init.trunc_normal_(L.empty(6, 5)) |  | m
init.trunc_normal_(L.empty(40), 0.5, 2.0, -1.0, 0.7) |  | m
init.constant_(L.empty(2, 3), 0.3) |  | m
init.ones_(L.empty(2, 3)) |  | m
init.zeros_(L.empty(2, 3)) |  | m
init.eye_(L.empty(3, 4)) |  | m
init.dirac_(L.empty(4, 2, 3)) |  | m
init.dirac_(L.empty(4, 3, 3, 2), groups=2) |  | m
init.dirac_(L.empty(2, 3, 1, 3, 4)) |  | m
init.xavier_uniform_(L.empty(4, 3)) |  | m
init.xavier_uniform_(L.empty(4, 3, 2, 5), gain=1.7) |  | m
init.xavier_normal_(L.empty(4, 30)) |  | m
init.xavier_normal_(L.empty(3, 2, 3), 0.4) |  | m
init.kaiming_uniform_(L.empty(4, 3)) |  | m
init.kaiming_uniform_(L.empty(4, 3, 2, 2), 0.2, 'fan_out') |  | m
init.kaiming_uniform_(L.empty(4, 3), mode='fan_in', nonlinearity='relu') |  | m
init.kaiming_normal_(L.empty(20, 3)) |  | m
init.kaiming_normal_(L.empty(4, 3, 5), mode='fan_out', nonlinearity='tanh') |  | m
init.orthogonal_(L.empty(4, 4)) |  | m
init.orthogonal_(L.empty(5, 3)) |  | m
init.orthogonal_(L.empty(3, 2, 4), 1.5) |  | m
init.sparse_(L.empty(6, 4), 0.4) |  | m
init.sparse_(L.empty(7, 2), sparsity=0.1, std=2.0) |  | m
init.uniform_(L.empty(4, 5, requires_grad=True)) |  | m * 2
"""

# Of nn.functional, but with nothing to compare: PyTorch has it on a GPU alone.
WITHOUT_TWIN = ("scaled_grouped_mm",)


def split(lines):
    """[(expression, [inputs], call)] of a table."""
    cases = []
    for line in lines.strip().splitlines():
        expression, inputs, *call = (part.strip() for part in line.split(" | "))
        cases.append((expression, inputs.split(), call[0] if call else ""))
    return cases


def name_of(expression):
    """The class or function that a case calls."""
    return expression.split("(")[0].removeprefix("F.")


def draw(L, spec):
    """One input; float ones in float64, though drawn in float32."""
    kind, _, shape = spec.rpartition(":")
    shape = () if shape == "-" else tuple(int(n) for n in shape.split(","))
    if kind.startswith("i"):
        return L.randint(0, int(kind[1:]), shape)
    if kind == "b":
        return L.rand(shape) < 0.5
    if kind == "s":
        return (L.rand(shape) < 0.5).double() * 2 - 1
    x = (L.rand(shape) if kind == "u" else L.randn(shape)).double()
    x = x.log_softmax(-1) if kind == "l" else x
    return x if kind == "d" else x.requires_grad_()


def tensors(value):
    """All tensors of a result, in order."""
    if isinstance(value, (list, tuple)):
        return [t for item in value for t in tensors(item)]
    return [value] if hasattr(value, "requires_grad") else []


def digest(t):
    """Shape and two sums of a tensor: with equal weights and with cosines."""
    values = [float(v) for v in t.detach().double().reshape(-1).tolist()]
    from math import cos
    sums = [sum(values), sum(v * cos(i) for i, v in enumerate(values))]
    return [list(t.shape), *(float(f"{s:.9g}") for s in sums)]


def weights(L, t):
    """What the results are multiplied by before they are added up and differentiated."""
    return (L.arange(t.numel()).double() * 0.7 + 0.3).sin().reshape(t.shape)


def run(L, case):
    """Everything that a case shows: repr, state, results, gradients."""
    expression, inputs, call = case
    scope = {"L": L, "nn": L.nn, "F": L.nn.functional, "R": L.nn.utils.rnn, "S": L.nn.functional.ScalingType}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        L.manual_seed(0)
        shown, m = {}, None
        if not expression.startswith("F."):
            m = eval("nn." + expression, scope)
            shown["repr"] = repr(m).replace("tensorgrad.", "torch.") if not isinstance(m, L.Tensor) else ""
            if hasattr(m, "state_dict"):
                shown["state"] = {k: digest(v) for k, v in m.state_dict().items()}
                m = m.double()
        values = [draw(L, spec) for spec in inputs]
        scope.update(zip("xyzw", values, strict=False), m=m)
        arguments = ", ".join("xyzw"[:len(values)])
        y = tensors(eval((call or f"m({arguments})") if m is not None else expression, scope))
        shown["out"] = [digest(t) for t in y]
        smooth = [t for t in y if t.requires_grad]
        if smooth:
            sum((t * weights(L, t)).sum() for t in smooth).backward()
        shown["in"] = [digest(v.grad) for v in values if v.requires_grad and v.grad is not None]
        if hasattr(m, "named_parameters"):
            shown["parameters"] = {k: digest(p.grad) for k, p in m.named_parameters() if p.grad is not None}
    return shown


def signature(function):
    """The arguments of a function as text, without annotations; None where there is no telling."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    texts = []
    for p in parameters:
        default = "" if p.default is p.empty else "=function" if callable(p.default) else f"={p.default!r}"
        texts.append({p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**", p.KEYWORD_ONLY: "*:"}.get(p.kind, "") + p.name + default)
    return texts
