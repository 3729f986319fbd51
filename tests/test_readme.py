"""The README's program runs as it stands and reaches what it says."""

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_example_trains(capsys):
    programs = re.findall(r"```python\n(import tensorgrad.*?)```", README.read_text(), re.S)
    assert len(programs) == 1
    assert len([line for line in programs[0].splitlines() if line.strip()]) <= 20
    exec(compile(programs[0], str(README), "exec"), {})
    accuracy = float(re.search(r"accuracy ([\d.]+)", capsys.readouterr().out).group(1))
    assert accuracy >= 0.97


def test_named_files_exist():
    text = README.read_text()
    for name in re.findall(r"\]\(([\w./]+)\)", text):
        assert (README.parent / name).exists(), name
    makefile = (README.parent / "Makefile").read_text()
    for target in re.findall(r"`?make (\w+)", text):
        assert re.search(rf"^{target}:", makefile, re.M), target
