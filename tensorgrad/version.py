"""torch.version: what this build has besides the CPU, which is nothing."""


cuda = hip = xpu = None
git_version = "unknown"
debug = False
