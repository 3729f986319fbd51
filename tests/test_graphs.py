"""Graph pictures: the numbers against the chain rule, the drawing, and the page in a real browser."""

import json
import re
import shutil
import subprocess

import pytest

import tensorgrad as torch
from tensorgrad import nn
from tensorgrad.graphs import tape

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def fruits():
    apples, oranges, tax = (torch.tensor(v, requires_grad=True) for v in (100.0, 150.0, 1.1))
    return {"apples": apples, "oranges": oranges, "tax": tax}, (apples * 2 + oranges * 3) * tax


def network():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Sequential(nn.Flatten(), nn.Linear(4 * 36, 10)))
    x, labels = torch.randn(5, 1, 8, 8), torch.randint(0, 10, (5,))
    return net, lambda: nn.functional.cross_entropy(net(x), labels)


def test_apples_and_oranges():
    """The textbook's picture: every value, local derivative and gradient of (2 apples + 3 oranges) * tax."""
    names, y = fruits()
    found = tape.collect(y, names)
    numbers = [(e.name or e.op, e.value.item(), e.grad.item()) for e in found if e.kind != "constant"]
    expected = [("apples", 100, 2.2), ("mul", 200, 1.1), ("oranges", 150, 3.3), ("mul", 450, 1.1), ("add", 650, 1.1),
                ("tax", 1.1, 650), ("mul", 715, 1)]
    assert [n for n, _, _ in numbers] == [n for n, _, _ in expected]
    for (_, value, grad), (_, v, g) in zip(numbers, expected, strict=True):
        assert value == pytest.approx(v) and grad == pytest.approx(g)
    last = found[-1]
    assert [x.item() for x in last.local] == pytest.approx([1.1, 650]) and [i[1] for i in last.inputs] == ["a", "b"]
    assert all(tensor.grad is None for tensor in names.values())
    y.backward()  # the graph can still be used
    assert names["apples"].grad.item() == pytest.approx(2.2)


def test_values_and_gradients_of_a_network():
    net, program = network()
    found = tape.collect(program)
    leaves = {e.name: e for e in found if e.kind == "leaf"}
    program().backward()
    assert set(leaves) == {name for name, _ in net.named_parameters()}
    for name, p in net.named_parameters():
        assert torch.allclose(leaves[name].grad, p.grad, atol=1e-6)
    ops = [e for e in found if e.kind == "op"]
    assert all(e.value is not None and e.seconds > 0 and e.seconds_back > 0 for e in ops)
    assert {e.op: e.module for e in ops}["linear"] == ("Sequential", "3", "3.1")
    assert all(source is None or source.number < e.number for e in found for source, _, _ in e.inputs)


def test_a_tensor_alone_knows_what_was_kept_or_can_be_computed():
    net, program = network()
    found = tape.collect(program(), net)
    assert {e.name for e in found if e.kind == "leaf"} == {name for name, _ in net.named_parameters()}
    assert [e.op for e in found if e.kind == "op" and e.value is None] == ["batch_norm"]  # nobody keeps what it gave to relu


def test_several_outputs_and_long_graphs():
    x = torch.randn(6, requires_grad=True)
    a, b, c = x.split(2)
    loss = (a * b).sum() + torch.max(c, 0).values
    found = tape.collect(loss)
    loss.backward()
    assert torch.allclose(found[0].grad, x.grad) and found[0].kind == "leaf"
    y = x.sum()
    for _ in range(6000):
        y = y * 1
    with pytest.raises(torch.ArgumentError, match="more than 5000 nodes"):
        tape.collect(y)


def test_a_leaf_that_nobody_holds():
    y = (torch.ones(2, requires_grad=True) * 3).sum()
    found = tape.collect(y)
    assert found[0].shape == (2,) and found[0].value is None and found[0].grad.tolist() == [3.0, 3.0]
    assert "(2,)" in torch.make_dot(y).source


@pytest.mark.parametrize("target, error", [(torch.ones(2, requires_grad=True) * 2, r"shape \(2,\)"), (lambda: 3.0, "float"),
                                           (torch.tensor(1.0), "no graph")])
def test_bad_targets(tmp_path, target, error):
    with pytest.raises((torch.ArgumentError, torch.GraphError), match=error):
        torch.explain(target, tmp_path / "graph.html")
    assert not list(tmp_path.iterdir())


def test_make_dot():
    names, y = fruits()
    drawing = torch.make_dot(y, names)
    assert drawing.source.count("->") == 7 and "apples" in drawing.source and "MulBackward0" in drawing.source
    net, program = network()
    assert "stride = (1, 1)" in torch.make_dot(program(), dict(net.named_parameters()), show_attrs=True).source
    with pytest.raises(torch.GraphError, match=r"\(2,\)"):
        torch.make_dot(torch.zeros(2))


def test_page_is_self_contained(tmp_path):
    path = tmp_path / "graph.html"
    names, y = fruits()
    names["</script><b>"] = names.pop("tax")  # a name may not end the script
    assert torch.explain(y, path, names) == 9
    text = path.read_text()
    assert not re.search(r'(src|href)="', text) and "http" not in text.replace("http://www.w3.org/2000/svg", "")
    entries = json.loads(re.search(r"const entries = (.*);", text)[1])
    assert entries[-1]["value"]["short"] == "715" and text.count("</script>") == 1


@pytest.mark.skipif(BROWSER is None, reason="needs a browser: Debian's chromium")
def test_page_in_a_browser(tmp_path):
    """The page as a browser shows it: all nodes, collapsed by module, searched, zoomed, one chosen."""
    _, program = network()
    path = tmp_path / "graph.html"
    count = torch.explain(program, path)
    script = """<script>
      const count = () => document.querySelectorAll("g.node").length, seen = {errors: 0, nodes: count()};
      window.onerror = () => { seen.errors++; };
      seen.numbers = [...document.querySelectorAll("text.grad")].length;
      document.getElementById("collapse").click(); seen.collapsed = count(); seen.groups = document.querySelectorAll("g.group").length;
      document.getElementById("expand").click(); seen.expanded = count();
      const box = document.getElementById("search"); box.value = "batch"; box.dispatchEvent(new Event("input"));
      seen.found = document.querySelectorAll("g.found").length;
      document.querySelector("g.found").dispatchEvent(new Event("click")); seen.chosen = document.getElementById("chosen").innerText;
      const before = camera.scale; svg.dispatchEvent(new WheelEvent("wheel", {deltaY: -1})); seen.zoom = camera.scale / before;
      document.querySelector("#modules input").click(); seen.one = count();
      document.body.append(Object.assign(document.createElement("pre"), {id: "seen", textContent: JSON.stringify(seen)}));
    </script>"""
    path.write_text(path.read_text().replace("</body>", script + "</body>"))
    result = subprocess.run([BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", f"file://{path}"],
                            capture_output=True, text=True, timeout=120)
    seen = json.loads(re.search(r'<pre id="seen">(.*?)</pre>', result.stdout, re.S)[1].replace("&lt;", "<").replace("&gt;", ">"))
    assert seen["errors"] == 0 and seen["nodes"] == seen["expanded"] == count and seen["numbers"] > 5
    assert seen["groups"] == 4 and seen["collapsed"] < count and seen["found"] == 1 and seen["zoom"] > 1
    assert "batch_norm" in seen["chosen"] and "d/dw" in seen["chosen"] and seen["one"] == 3  # net, labels, loss
