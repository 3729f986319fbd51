"""Writes nn_torch.json, the stored values of test_nn_torch.py: `python tests/make_nn_torch.py`, with torch 2.13 installed."""

import json
from pathlib import Path

import torch
import torch.nn.utils.fusion
import torch.nn.utils.parametrize
import torch.nn.utils.prune
from nn_cases import FUNCTIONS, INITIALISERS, LAYERS, UTILITIES, name_of, run, signature, split

stored = {"torch": torch.__version__.split("+")[0], "cases": {}, "classes": {}, "functions": {}}
for case in split(LAYERS) + split(FUNCTIONS) + split(UTILITIES) + split(INITIALISERS):
    stored["cases"][" | ".join([case[0], " ".join(case[1]), case[2]])] = run(torch, case)
for case in split(LAYERS):
    stored["classes"][name_of(case[0])] = signature(getattr(torch.nn, name_of(case[0])).__init__)
for case in split(FUNCTIONS):
    stored["functions"][name_of(case[0])] = signature(getattr(torch.nn.functional, name_of(case[0])))
text = json.dumps(stored, separators=(",", ":")).replace('},"', '},\n"')
Path(__file__).with_name("nn_torch.json").write_text(text + "\n")
print(len(text), "bytes,", len(stored["cases"]), "cases")
