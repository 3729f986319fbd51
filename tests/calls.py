"""Calls that both libraries must answer alike: same values, dtypes, shapes and kinds of exception.

`t` is the library; each line gets its own tensors (WORDS, and h and w: a as float16 and bfloat16), with the generator seeded.
Statements before the last semicolon prepare; the value of the last expression is compared.
"""

WORDS = {
    "a": [[0.5, -1.25, 2.0], [-0.75, 3.5, 1.5]],
    "b": [[1.5, 2.0, -0.5], [0.25, -3.0, 1.0]],
    "d": [[1.5, 2.5], [0.25, 4.0]],
    "v": [3.0, -1.0, 2.0],
    "z": 2.5,
    "e": [[], []],
    "n": [[float("nan"), 1.0, float("inf")], [-float("inf"), 0.0, -2.0]],
    "i": [[1, -2, 3], [4, 0, -6]],
    "j": [[2, 3, -4], [1, 5, 2]],
    "k": [1, 0, 1],
    "m": [[True, False, True], [False, False, True]],
}


def lines(text):
    return [line.strip() for line in text.strip().splitlines()]


CALLS = {
    "the arguments' other names": lines("""
        t.add(input=a, other=b)
        t.mul(x=a, other=2)
        t.mul(x1=a, x2=b)
        t.exp(x=a)
        t.exp(a=a)
        t.sum(a, axis=1)
        t.sum(a, axis=1, keepdims=True)
        a.sum(axis=0, keepdims=True)
        a.mean(axis=(0, 1))
        t.max(a, axis=1)
        a.argmax(axis=1, keepdims=True)
        t.softmax(a, axis=1)
        t.cat([a, b], axis=1)
        t.stack([a, b], axis=1)
        t.squeeze(a[None], axis=0)
        t.unsqueeze(a, axis=0)
        t.sort(a, axis=0)
        t.argsort(a, axis=0)
        t.cumsum(a, axis=0)
        t.topk(a, 2, axis=1)
        t.gather(a, axis=1, index=k[None])
        t.index_select(a, axis=1, index=k)
        t.unbind(a, axis=1)
        t.logsumexp(a, axis=1)
        t.all(m, axis=0)
        a.std(axis=0, keepdims=True)
        t.median(a, axis=1)
        t.diff(a, axis=0)
        t.narrow(a, axis=1, start=0, length=2)
        t.flip(a, dims=(0,))
        a.flip(dims=(0, 1))
        a.permute(dims=(1, 0))
        a.reshape(shape=(3, 2))
        a.tile(dims=(2, 1))
        a.view(size=(3, 2))
        a.expand(size=(2, 2, 3))
        a.repeat(repeats=(2, 1))
        t.add(a, b, alpha=2)
        a.add(other=b)
        a.clamp(min=0, max=1)
        t.addmm(v, a, d.new_ones(3, 3), beta=2, alpha=0.5)
    """),
    "promotion": lines("""
        a.float() + i
        a.float() + b
        h + w
        h + i
        h + 1.5
        i + 1.5
        i / j
        i + m
        m + m
        m * 2
        m & m
        m + 1.0
        i.int() + i.short()
        i.to(t.uint8) + i.to(t.int8)
        i.to(t.uint8) * 2
        z + i
        z.float() + i
        i.float() + z
        t.tensor(2) * t.tensor(1.5, dtype=t.float64)
        a.float() * t.tensor(2, dtype=t.int64)
        t.tensor(1, dtype=t.int32) + t.tensor(1, dtype=t.int64)
        t.result_type(h, 1.5)
        t.result_type(i, z)
        t.result_type(1, 2.0)
        t.result_type(m, 1)
        t.promote_types(t.uint8, t.int8)
        t.promote_types(t.bfloat16, t.float16)
        t.can_cast(t.float64, t.int32)
        t.can_cast(t.int64, t.float16)
        t.can_cast(t.bool, t.uint8)
        t.can_cast(t.int8, t.uint8)
        t.where(m, a.float(), b)
        t.where(m, a, 1)
        t.where(m, i, 1.5)
        t.where(m, 1, 2)
        t.where(m, 1.0, 2)
        t.maximum(i, a)
        t.sqrt(i)
        t.exp(m)
        t.sigmoid(i)
        t.atan2(i, j)
        t.true_divide(i, 2)
        t.floor_divide(i, 2.0)
        t.mean(i)
        t.mean(m.float())
        i.sum(dtype=t.float32)
        i.int().sum()
        m.sum()
        m.cumsum(0)
        i.short().prod()
        i.to(t.uint8).any()
        t.cat([a, i])
        t.cat([i, m])
        t.stack([i, a])
        t.lerp(a, b, 0.5)
        t.pow(i, 2)
        t.pow(i, 0.5)
        t.pow(2, a)
        t.pow(2, i.abs())
        t.pow(i, -1)
        t.float_power(i, 2)
        t.copysign(i, -1)
        t.round(i)
        t.floor(i)
        t.clamp(i, 0.5)
        t.clamp(i, max=2)
        t.hypot(a, i.double())
        t.isnan(i)
        t.isfinite(i)
        t.abs(i.to(t.int8))
        t.neg(i.to(t.uint8))
        t.rsub(i, 2)
        t.sub(a, i, alpha=2)
        t.addcmul(a, b, i)
        t.var(i.double())
        t.norm(i.double())
        t.linspace(0, 1, 3, dtype=t.float64)
        t.arange(3.0)
        t.arange(0, 3, 1, dtype=t.float64)
        t.full((2,), True)
        t.full((2,), 2)
        t.full((2,), 2.0)
        t.full_like(i, 2.0)
        t.ones_like(i, dtype=t.float16)
        t.zeros(2, dtype=t.bool)
        t.tensor([1, 2.5])
        t.tensor([True, 2])
        t.scalar_tensor(3)
        t.dot(k, k)
        t.matmul(i, k)
        i @ k.float()
        t.outer(k, k)
        t.tensor([1.5, 2.5]).long()
        t.heaviside(a, z)
        t.nextafter(a, b)
        t.bitwise_and(i, m)
        t.bitwise_or(i, 1)
        t.logical_and(a, i)
        t.fmod(i, 2)
        t.remainder(i, 2.5)
        t.gcd(i, j)
        t.lcm(i.int(), j)
        t.gcd(a, b)
        t.ldexp(a, k)
        t.xlogy(i, 2)
        t.logit(i)
        t.deg2rad(i)
        t.trunc(i)
        t.frac(a)
        t.frac(i)
        t.sign(m)
        t.sgn(i)
        t.reciprocal(i)
        t.nan_to_num(i)
        t.sinc(i)
        t.lgamma(k + 1)
        t.digamma(k + 1)
        t.polygamma(1, k + 1)
        t.erf(k)
        t.i0(k)
        t.mvlgamma(a.abs() + 2, 2)
        t.igamma(a.abs(), b.abs())
        t.frexp(a.float())
        t.frexp(i)
    """),
    "integers": lines("""
        i // j
        i % j
        i // 0
        i % 0
        t.fmod(i, 0)
        t.div(i, 0)
        t.div(i, j, rounding_mode="trunc")
        t.div(i, j, rounding_mode="floor")
        t.div(i, 0, rounding_mode="floor")
        t.div(a, b, rounding_mode="trunc")
        t.div(i, j, rounding_mode="up")
        a // 0
        a % 0
        n // 2
        n % 2
        t.fmod(n, 2)
        t.remainder(2, i + 7)
        5 // (i + 7)
        5 % (i + 7)
        2 ** k
        i << 2
        i >> 1
        1 << k
        ~i
        ~m
        i ^ j
        i & 3
        3 | i
        -m
        m - m
        a & b
        ~a
        a << 1
        t.tensor([-2**63]) // 1
        t.tensor([2**62]) * 2
        t.tensor([127], dtype=t.int8) + 1
        t.abs(t.tensor([-128], dtype=t.int8))
        t.tensor([200], dtype=t.uint8) + t.tensor([100], dtype=t.uint8)
        t.tensor([1, 2], dtype=t.int8) * 1000
        i.to(t.int32) << 33
        i.bool()
        n.bool()
        a.to(t.int8)
        t.tensor(7) // t.tensor(-2)
        t.tensor(-7) % t.tensor(3)
        t.bitwise_left_shift(i, k)
        t.bitwise_right_shift(i, k)
        t.bitwise_not(k)
        t.count_nonzero(i, dim=0)
        t.bincount(k)
        t.bincount(k, weights=v, minlength=4)
        t.bincount(i)
        t.bincount(a[0])
    """),
    "NaN and infinity": lines("""
        n.sum()
        n.nansum()
        n.nanmean()
        n.mean(1)
        n.max()
        n.min()
        n.max(1)
        n.min(0)
        n.amax(1)
        n.amin(1)
        n.argmax()
        n.argmin(1)
        n.sort()
        n.sort(descending=True)
        n.argsort(0)
        n.topk(2)
        n.median()
        n.median(1)
        n.nanmedian()
        n.nanmedian(1)
        n.kthvalue(2)
        n.mode()
        n.cumsum(1)
        n.cumprod(1)
        n.cummax(1)
        n.cummin(1)
        n.logsumexp(1)
        n.logcumsumexp(1)
        n.softmax(1)
        n.log_softmax(1)
        n.prod()
        n.std()
        n.var(1)
        n.norm()
        n.norm(1)
        n.norm(inf)
        n.any()
        n.all()
        n.nonzero()
        n.unique()
        n.sign()
        n.relu()
        n.clamp(0, 1)
        n.clamp(min=nan)
        n.round()
        n.floor()
        n.sqrt()
        n.log()
        n.exp()
        n.tanh()
        n.isnan()
        n.isinf()
        n.isfinite()
        n.isposinf()
        n.isneginf()
        n.nan_to_num()
        n.nan_to_num(1.0, 2.0, 3.0)
        t.maximum(n, a)
        t.minimum(n, a)
        t.fmax(n, a)
        t.fmin(n, a)
        t.eq(n, n)
        t.equal(n, n)
        t.isclose(n, n)
        t.isclose(n, n, equal_nan=True)
        t.allclose(n, n, equal_nan=True)
        t.logaddexp(n, a)
        t.logaddexp2(a, n)
        t.hypot(n, a)
        t.atan2(n, a)
        t.pow(n, 2)
        t.pow(n, 0)
        t.heaviside(n, a)
        t.copysign(n, -1)
        t.aminmax(n)
        t.aminmax(n, dim=1)
        t.quantile(n, 0.5)
        t.quantile(n, 0.5, dim=1)
        t.nanquantile(n, 0.5)
        t.nanquantile(n, t.tensor([0.1, 0.9], dtype=t.float64), dim=1)
        t.searchsorted(v.sort().values, n)
        t.bucketize(n, v.sort().values)
        t.histc(n, 3)
        t.histc(n, 3, -1, 2)
        t.bincount(k * 0)
        t.xlogy(0 * a, n)
        t.lerp(a, n, 0.5)
        t.where(n > 0, n, 0.0)
        t.unique_consecutive(n)
        t.count_nonzero(n)
        t.signbit(n)
        t.frexp(n)
        t.erfinv(n)
        t.lgamma(n)
        t.digamma(n)
        t.igamma(n, a)
        t.igammac(n.abs(), a.abs())
        t.i0(n)
        t.dist(n, a)
        t.cov(n)
        t.diff(n)
        t.trapz(n)
    """),
    "empty tensors": lines("""
        e.sum()
        e.sum(1)
        e.mean()
        e.mean(1)
        e.prod(1)
        e.max()
        e.max(1)
        e.max(0)
        e.amax(1)
        e.amax(0)
        e.argmax()
        e.argmax(0)
        e.min()
        e.all()
        e.any(1)
        e.std()
        e.var(1)
        e.norm()
        e.norm(dim=1)
        e.logsumexp(1)
        e.softmax(1)
        e.cumsum(1)
        e.cummax(1)
        e.cumprod(0)
        e.sort(1)
        e.sort(0)
        e.argsort(1)
        e.topk(0)
        e.topk(1)
        e.median()
        e.median(1)
        e.median(0)
        e.kthvalue(1)
        e.mode()
        e.unique()
        e.unique(dim=0)
        e.nonzero()
        e.t()
        e.reshape(0, 5)
        e.reshape(-1, 2)
        e.view(0)
        e.flatten()
        e.cat if False else t.cat([e, a], 1)
        t.stack([e, e])
        e + e
        e + 1
        e + e[0]
        e + a
        e @ e.t()
        e.t() @ e
        t.mm(e, e.t())
        t.bmm(e[None], e.t()[None])
        t.dot(e[0], e[0])
        e.expand(4, 2, 0)
        e.repeat(2, 3)
        e.index_select(0, k)
        e.index_select(1, k)
        e[:, 0]
        e[0]
        e.split(1)
        e.chunk(2, 1)
        e.unbind(1)
        e.tolist()
        e.item()
        bool(e)
        len(e)
        e.flip(0)
        e.roll(1)
        e.diff()
        e.trapz if False else t.trapz(e)
        t.cdist(e, e)
        t.cdist(t.ones(0, 3), t.ones(2, 3))
        t.histc(e.float(), 3)
        t.quantile(e, 0.5)
        t.bincount(k[:0])
        t.searchsorted(v.sort().values, e)
        t.where(e > 0)
        t.tril(e)
        t.diag(e)
        t.trace(e)
        t.eye(0)
        t.zeros(0)
        t.arange(0)
        t.linspace(0, 1, 0)
        t.randperm(0)
        t.tensor([])
        t.tensor([[], []]).shape
        t.ones(2, 0).sum(0)
        t.aminmax(e)
        t.count_nonzero(e)
        t.masked_select(e, e > 0)
        t.gather(e, 1, k[:0].reshape(0, 0))
        t.cov(e)
        t.kron(e, a)
        t.block_diag(e, a)
        t.cartesian_prod(e[0], v)
        t.combinations(e[0])
        t.combinations(v, 0)
        t.combinations(v, 4)
        t.vander(v, 0)
        t.meshgrid(e[0], v, indexing="ij")
        t.tensor_split(e, 3, 1)
        t.repeat_interleave(e, 2, 1)
        t.einsum("ij,kj->ik", e, e)
    """),
    "reading and writing at indices": lines("""
        a[0]
        a[-1, 1]
        a[:, 1:]
        a[..., 0]
        a[None, :, None]
        a[0, ..., None]
        a[:, ::2]
        a[k]
        a[:, k]
        a[k, k]
        a[k[:, None], k]
        a[[0, 1], [1, 2]]
        a[[[0, 1], [1, 0]]]
        a[m]
        a[m[0].repeat(1)[:2]]
        a[:, m[0]]
        a[m, None]
        a[True]
        a[False]
        a[t.tensor(1)]
        a[t.tensor(True)]
        a[np.array([1, 0])]
        a[:, np.int64(1)]
        a[2]
        a[0, 5]
        a[0, 0, 0]
        a[k + 5]
        a[a]
        a["x"]
        a[1.5]
        a[::-1]
        a[::0]
        a[()]
        a[[]]
        a[0:5]
        a[5:]
        a[-5:1]
        a[slice(None), 0:1]
        a[k.to(t.uint8)]
        a[k.int()]
        z[None]
        z[...]
        z[0]
        z[()]
        a[0] = 7; a
        a[0] = v; a
        a[:, 1] = 7; a
        a[:, 1:] = d[:, :1]; a
        a[m] = 0; a
        a[m] = v; a
        a[m] = v.float(); a
        a[m] = v[0]; a
        a[m] = t.tensor(2); a
        a[k] = 1.0; a
        a[k] = v; a
        a[k] = v.float(); a
        a[k] = i[0]; a
        a[k] = 1; a
        a[k] = t.tensor(1); a
        a[k] = t.tensor([1]); a
        a[:, k] = d[:, :1]; a
        a[k, k] = v; a
        a[[0, 1], [1, 2]] = d[0]; a
        a[0] = d; a
        a[m] = d; a
        a[0, 5] = 1; a
        a[k + 5] = 1; a
        a[...] = b; a
        a[...] = i; a
        a[()] = 3; a
        a[1:1] = 3; a
        i[0] = 2.7; i
        i[m] = 2.7; i
        i[0] = a[0]; i
        i[k] = a[0]; i
        m[0] = 2; m
        a[0] = True; a
        a[0] = "x"; a
        a[None] = 5; a
        a[0][1] = 9; a
        a.t()[0] = 9; a
        a[:, 0].fill_(8); a
        a[0].add_(1); a
        a[0] += 1; a
        a[m] += 1; a
        a[k] += 1; a
        a[0] *= a[1]; a
        z[...] = 3; z
        a[True] = 1; a
        del a[0]
        a.index_put((k,), v)
        a.index_put((k,), v.float())
        a.index_put_((k,), v, accumulate=True)
        a.index_put((m,), z)
        a.index_select(1, k)
        a.index_add(1, k, a)
        a.index_add_(1, k, b, alpha=2)
        a.index_reduce_(1, k, b, "mean", include_self=False)
        a[[0, slice(1, 2)]]
        a[[t.tensor(0), t.tensor(1)]]
        a.index_copy(1, k[:1], a[:, :1])
        a.index_fill(1, k, 5)
        a.index_fill_(0, k, z)
        a.index_reduce(1, k, a, "amax")
        a.gather(1, i.abs() % 3)
        a.gather(1, i)
        a.gather(0, k)
        a.scatter(1, i.abs() % 3, b)
        a.scatter(1, i.abs() % 3, 2.5)
        a.scatter(1, i.abs() % 3, b, reduce="add")
        a.scatter_(1, k[None], 2.5, reduce="multiply")
        a.scatter(1, i.abs() % 3, b.float())
        a.scatter_(0, k[None], 1)
        a.scatter_add(1, i.abs() % 3, b)
        a.scatter_add_(1, i.abs() % 3, b)
        a.scatter_reduce(1, i.abs() % 3, b, "prod")
        a.scatter_reduce_(1, i.abs() % 3, b, reduce="amin", include_self=False)
        a.scatter_reduce(1, i.abs() % 3, b, "median")
        a.masked_fill(m, 1)
        a.masked_fill(m, z)
        a.masked_fill(m, v)
        a.masked_fill_(m, 5)
        i.masked_fill(m, 1.5)
        a.masked_fill(i, 1)
        a.masked_select(m)
        a.masked_select(m[0])
        a.masked_scatter(m, b)
        a.masked_scatter_(m, v[:1])
        a.take(i.abs())
        a.take(k + 9)
        a.take_along_dim(k[None].expand(2, 3), 1)
        a.take_along_dim(k)
        a.put(k, v)
        a.put_(k, v, accumulate=True)
        a.put(k + 9, v)
        a.fill_diagonal_(9)
        t.zeros(7, 3).fill_diagonal_(4, wrap=True)
        v.fill_diagonal_(1)
        a.diagonal_scatter(d[0])
        a.select_scatter(v, 0, 1)
        a.slice_scatter(d, 1, 0, 2)
        a.as_strided_scatter(d[0], (2,), (2,), 1)
        t.argwhere(m)
        t.nonzero(m, as_tuple=True)
        m.nonzero()
        t.nonzero_static(m, size=2)
        t.unravel_index(k, (2, 3))
        t.tril_indices(3, 4, -1)
        t.triu_indices(3, 2, 1)
        t.where(m)
        a.where(m, b)
        a.where(m, 0)
        t.isin(i, k)
        t.isin(i, 1)
        t.searchsorted(v.sort().values, a)
        t.searchsorted(v.sort().values, 2.0)
        t.searchsorted(v.sort().values, a, right=True, out_int32=True)
        t.searchsorted(v.sort().values, a, side="left", right=True)
        t.bucketize(a, v.sort().values)
        t.bucketize(2.0, v.sort().values)
    """),
    "in place": lines("""
        a.add_(b); a
        a.add_(i); a
        a.add_(1, alpha=2); a
        a.sub_(b).mul_(2).div_(3); a
        i.add_(1.5)
        i.div_(2)
        i.mul_(j); i
        i.floor_divide_(2)
        i.pow_(2)
        i.sqrt_()
        m.add_(1)
        m.logical_not_(); m
        a.float().add_(b)
        a.half().mul_(b)
        a.add_(t.ones(2, 2))
        v.add_(a)
        a.add_(v); a
        a.clamp_(0, 1); a
        a.clip_(max=1); a
        a.copy_(i); a
        a.copy_(v); a
        a.copy_(3)
        i.copy_(a); i
        a.fill_(2); a
        a.fill_(z); a
        a.fill_(v)
        i.fill_(2.7); i
        a.zero_(); a
        a.t_(); a
        a.unsqueeze_(0); a
        a.squeeze_(); a
        a.transpose_(0, 1); a
        a.swapaxes_(0, 1); a
        a.as_strided_((2, 2), (1, 1)); a
        a.resize_(2); a
        a.resize_(3, 2); a
        a.resize_as_(d); a
        a.resize(3, 2)
        a.resize_as(a.t())
        a.apply_(lambda x: x + 1); a
        a.float().apply_(lambda x: x * 2)
        a.map_(b, lambda x, y: x * y); a
        a.map2_(b, b, lambda x, y, z: x + y + z); a
        a.set_(b); a
        a.set_(i)
        a.expand(2, 2, 3).add_(1)
        v.expand(2, 3).copy_(a)
        v.expand(2, 3).mul_(2)
        a.lerp_(b, 0.5); a
        a.addcmul_(b, b, value=2); a
        a.addcdiv_(b, b); a
        a.addmm_(a, t.eye(3, dtype=a.dtype)); a
        d.addr_(v[1:], v[1:]); d
        d.addbmm_(a[None, :, :2], a[None, :, 1:]); d
        a.view(1, 2, 3).baddbmm_(d[None], b[None])
        v.addmv_(t.eye(3, dtype=a.dtype), v); v
        a.tril_(); a
        a.triu_(1); a
        a.round_(decimals=1); a
        a.sign_(); a
        a.bernoulli_(0.5).sum() <= 6
        a.eq_(b); a
        a.lt_(0); a
        a.logical_and_(b); a
        i.bitwise_and_(j); i
        i.bitwise_left_shift_(1); i
        i.gcd_(j); i
        i.lcm_(j); i
        a.remainder_(2); a
        a.fmod_(2); a
        a.float_power_(2)
        a.renorm_(2, 0, 1.0); a
        a.polygamma_(1)
        a.mvlgamma_(1)
        a.igamma_(b.abs())
        a.cumsum_(1); a
        a.cumprod_(0); a
        a.true_divide_(2); a
        a.nan_to_num_(); a
        a.logit_(); a
        a.xlogy_(b.abs()); a
        a.hypot_(b); a
        a.atan2_(b); a
        a.heaviside_(b); a
        a.copysign_(b); a
        a.nextafter_(b); a
        a.ldexp_(k); a
        a.index_fill_(1, k, 0); a
        a.detach_(); a
        a.requires_grad_(); a.add_(1)
        a.requires_grad_(); a[0].add_(1)
        a.requires_grad_(); a[0] = 1
        a.requires_grad_(); a.detach().add_(1); a
        a += 1; a
        a -= b; a
        a *= 2; a
        a /= 2; a
        a //= 2; a
        a %= 2; a
        a **= 2; a
        i &= 3; i
        i |= 8; i
        i ^= 1; i
        i <<= 1; i
        i >>= 1; i
        i += 1.5
        a @= d
    """),
    "out=": lines("""
        o = t.empty(0, dtype=a.dtype); t.add(a, b, out=o); o
        o = t.empty(2, 3, dtype=a.dtype); t.exp(a, out=o) is o
        o = t.empty(2, 3, dtype=t.float32); t.exp(a, out=o); o
        o = t.empty(2, 3, dtype=t.int64); t.exp(a, out=o)
        o = t.empty(2, 3, dtype=t.float64); t.add(i, j, out=o); o
        o = t.empty(2, dtype=a.dtype); t.sum(a, 1, out=o); o
        o = t.empty(2, dtype=a.dtype), t.empty(2, dtype=t.int64); t.max(a, 1, out=o); o
        o = t.empty(2, dtype=a.dtype), t.empty(2, dtype=t.int64); t.sort(v, out=o); o
        o = t.empty(2, 3); t.ones(2, 3, out=o); o
        o = t.empty(4, dtype=a.dtype); t.cat([v, v], out=o); o
        o = t.empty(2, 2, dtype=a.dtype); t.mm(a, a.t(), out=o); o
        o = t.empty(0, dtype=t.bool); t.gt(a, b, out=o); o
        o = a; t.add(o, 1, out=o); a
        o = t.empty(3, 2, dtype=a.dtype).t(); t.add(a, b, out=o); o.stride(), o
        a.requires_grad_(); o = t.empty(2, 3, dtype=a.dtype); t.exp(a, out=o)
        o = t.empty(0); t.rand(3, out=o); o.shape
        o = t.empty(3, dtype=a.dtype); t.cumsum(v, 0, out=o); o
        o = t.empty(0, dtype=t.int64); t.nonzero(m, out=o); o
        o = t.empty(0, dtype=a.dtype); t.where(m, a, b, out=o); o
        o = t.empty(0, dtype=a.dtype); t.clamp(a, 0, 1, out=o); o
        o = t.empty(0, dtype=a.dtype); t.mean(a, 0, out=o); o
        o = t.empty(0, dtype=a.dtype); t.diff(v, out=o); o
        o = t.empty(0, dtype=a.dtype); t.logcumsumexp(v, 0, out=o); o
        o = t.empty(0, dtype=a.dtype); t.hstack([v, v], out=o); o
        o = t.empty(0, dtype=a.dtype); t.kron(v, v, out=o); o
        o = t.empty(0, dtype=a.dtype); t.renorm(a, 2, 0, 1.0, out=o); o
    """),
    "linear algebra": lines("""
        t.linalg.cholesky(d.T @ d)
        t.linalg.cholesky(input=d.T @ d, upper=True)
        t.linalg.inv(A=d)
        t.linalg.tensorsolve(d, other=v[:2])
        t.linalg.vector_norm(a, axis=1, keepdims=True)
        t.linalg.cholesky(-d)
        t.linalg.cholesky_ex(d.T @ d)
        t.linalg.cholesky_ex(-d.T @ d).info
        t.linalg.cond(d)
        t.linalg.cond(d, p=1)
        t.linalg.cond(a)
        t.linalg.cond(a, 1)
        t.linalg.cross(a, b)
        t.linalg.cross(a, b, dim=0)
        t.linalg.det(d)
        t.linalg.det(a)
        t.linalg.det(i)
        t.linalg.det(h)
        t.linalg.diagonal(a, offset=1)
        t.linalg.eigh(d.T + d)[0]
        t.linalg.eigh(d.T + d, UPLO="U")[1].abs()
        t.linalg.eigvalsh(d)
        t.linalg.eigvalsh(d, UPLO="U")
        t.linalg.eigh(a)
        t.linalg.eigh(v)
        t.linalg.householder_product(b.T, v[:2])
        t.linalg.inv(d)
        t.linalg.inv(t.ones(2, 2))
        t.linalg.inv(a)
        t.linalg.inv_ex(d)
        t.linalg.inv_ex(t.ones(2, 2)).info
        t.linalg.ldl_factor(d + d.T)
        t.linalg.ldl_factor_ex(d + d.T)
        t.linalg.ldl_solve(*t.linalg.ldl_factor(d + d.T), a)
        t.linalg.lstsq(b.T, a.T)[0]
        t.linalg.lstsq(b.T, a.T, driver="gelsd")
        t.linalg.lstsq(b.T, a)
        t.linalg.lu(a)
        t.linalg.lu(b.T)
        t.linalg.lu_factor(b)
        t.linalg.lu_factor_ex(t.ones(2, 2))
        t.linalg.lu_factor(t.ones(2, 2))
        t.linalg.lu_solve(*t.linalg.lu_factor(d), a)
        t.linalg.lu_solve(*t.linalg.lu_factor(d), a.T, left=False)
        t.linalg.lu_solve(*t.linalg.lu_factor(d), a, adjoint=True)
        t.linalg.matmul(d, a)
        t.linalg.matrix_exp(d)
        t.linalg.matrix_norm(a)
        t.linalg.matrix_norm(a, ord="nuc")
        t.linalg.matrix_norm(a, ord=-2, keepdim=True)
        t.linalg.matrix_norm(a, ord=3)
        t.linalg.matrix_norm(v)
        t.linalg.matrix_norm(i)
        t.linalg.matrix_norm(e, ord=inf)
        t.linalg.matrix_power(d, 3)
        t.linalg.matrix_power(d, -1)
        t.linalg.matrix_power(d, 0)
        t.linalg.matrix_power(a, 2)
        t.linalg.matrix_rank(a)
        t.linalg.matrix_rank(t.ones(3, 3), hermitian=True)
        t.linalg.multi_dot([d, a, v])
        t.linalg.multi_dot([d])
        t.linalg.norm(a)
        t.linalg.norm(a, 1)
        t.linalg.norm(a, ord=inf, dim=1)
        t.linalg.norm(v, ord=3)
        t.linalg.norm(i)
        t.linalg.norm(v, "fro")
        t.linalg.pinv(a)
        t.linalg.pinv(a, rtol=0.9)
        t.linalg.pinv(t.zeros(2, 3))
        t.linalg.qr(a.T)
        t.linalg.qr(a, mode="complete")
        t.linalg.qr(a, mode="r")
        t.linalg.qr(a, mode="x")
        t.linalg.slogdet(d)
        t.linalg.slogdet(-t.eye(3))
        t.linalg.solve(d, a)
        t.linalg.solve(d, a[:, 0])
        t.linalg.solve(d, a.T, left=False)
        t.linalg.solve(d, v)
        t.linalg.solve(t.ones(2, 2), t.ones(2))
        t.linalg.solve_ex(d, a)
        t.linalg.solve_triangular(d, a, upper=True)
        t.linalg.solve_triangular(d, a, upper=False, unitriangular=True)
        t.linalg.solve_triangular(d, a.T, upper=False, left=False)
        t.linalg.solve_triangular(d, v, upper=True)
        t.linalg.svd(a)[1]
        t.linalg.svd(a, full_matrices=False)[2].abs()
        t.linalg.svdvals(a)
        t.linalg.svdvals(v)
        t.linalg.tensorinv(t.eye(6).reshape(2, 3, 6) * 2)
        t.linalg.tensorsolve(t.eye(6).reshape(2, 3, 6) * 2, a.float())
        t.linalg.vander(v)
        t.linalg.vander(v, N=2)
        t.linalg.vecdot(a, b)
        t.linalg.vecdot(a, b, dim=0)
        t.linalg.vector_norm(a)
        t.linalg.vector_norm(a, ord=3, dim=1)
        t.linalg.vector_norm(a, 0)
        t.linalg.vector_norm(e)
        t.linalg.vector_norm(e, inf)
        t.linalg.vector_norm(a, dtype=t.float32)
        t.cholesky(d.T @ d)
        (d.T @ d).cholesky(upper=True)
        t.cholesky_inverse(d)
        d.cholesky_inverse(upper=True)
        t.cholesky_solve(a, d)
        a.cholesky_solve(d, upper=True)
        t.det(d)
        d.det()
        t.inverse(d)
        d.inverse()
        t.logdet(d)
        (-d).logdet()
        t.logdet(-t.eye(3))
        t.slogdet(d)
        d.slogdet()
        t.pinverse(a)
        a.pinverse()
        t.qr(a.T)
        a.qr()
        t.svd(a)[1]
        a.svd(some=False)[2].abs()
        a.svd(compute_uv=False)
        t.lu(d)
        d.lu()
        t.lu_unpack(*t.lu(a))
        t.lu_unpack(*t.lu(a), unpack_data=False)
        t.lu_solve(a, *t.lu(d))
        a.lu_solve(*t.lu(d))
        t.geqrf(b.T)
        b.T.geqrf()
        t.orgqr(b.T, v[:2])
        b.T.orgqr(v[:2])
        t.ormqr(b.T, v[:2], a.T)
        b.T.ormqr(v[:2], a, left=False, transpose=True)
        t.matrix_exp(d)
        d.matrix_exp()
        t.matrix_power(d, 2)
        d.matrix_power(-2)
        t.triangular_solve(a, d)
        a.triangular_solve(d, upper=False, transpose=True)
        t.nuclear_norm(a)
        t.frobenius_norm(a, dim=1)
        t.chain_matmul(d, a)
        t.svd_lowrank(a, q=1)[1]
        t.pca_lowrank(a, q=1)[1]
        t.lobpcg(t.eye(4) * 3, k=1)[0]
        d.eig()
        d.solve(a)
        d.symeig()
        d.lstsq(a)
    """),
    "autograd": lines("""
        x = v.requires_grad_(); t.autograd.backward((x * x).sum()); x.grad
        x = v.requires_grad_(); t.autograd.backward([x.sum(), x * x], [None, t.ones_like(x)]); x.grad
        x = v.requires_grad_(); t.autograd.grad((x ** 3).sum(), x)
        x = v.requires_grad_(); t.autograd.grad(x.sum(), (x, a.requires_grad_()), allow_unused=True)
        x = v.requires_grad_(); t.autograd.grad(x.sum(), (x, a.requires_grad_()))
        x = v.requires_grad_(); t.autograd.grad(x.sum(), (x, a.requires_grad_()), materialize_grads=True)
        x = v.requires_grad_(); t.autograd.grad(x * x, x, t.eye(3, dtype=t.float64), is_grads_batched=True)
        x = v.requires_grad_(); t.autograd.grad(x * x, x)
        x = t.autograd.Variable(v, requires_grad=True); (x * 2).sum().backward(); x.grad
        y = t.autograd.no_grad()(lambda x: x * 2)(v.requires_grad_()); y.requires_grad
        y = t.autograd.enable_grad()(lambda x: x * 2)(v.requires_grad_()); y.requires_grad
        y = t.autograd.inference_mode()(lambda x: x * 2)(v.requires_grad_()); y.requires_grad
        y = t.autograd.set_grad_enabled(False)(lambda x: x * 2)(v.requires_grad_()); y.requires_grad
        t.autograd.set_detect_anomaly(False) is None
        y = t.autograd.detect_anomaly()(lambda x: x.sqrt().sum().backward())(-v.requires_grad_())
        t.autograd.gradcheck(lambda x: x * x, (v.requires_grad_(),))
        t.autograd.gradcheck(lambda x: x.detach() * x, (v.requires_grad_(),))
        t.autograd.gradgradcheck(lambda x: x ** 3, (v.requires_grad_(),))
        f = type("F", (t.autograd.Function,), {}); f.forward = lambda ctx, x: x * 2; f.apply(v)
        s = t.autograd.graph.saved_tensors_hooks(t.neg, abs); s.__enter__(); y = v.requires_grad_().exp(); s.__exit__(); y.sum()
        t.autograd.functional.jacobian(lambda x: x ** 2, v)
        t.autograd.functional.hessian(lambda x: (x ** 3).sum(), v)
        t.autograd.functional.hessian(lambda x: x, v)
        t.autograd.functional.vjp(lambda x: x ** 2, v, v)
        t.autograd.functional.vjp(lambda x: x ** 2, v)
        t.autograd.functional.jvp(lambda x: x ** 2, v, v)
        t.autograd.functional.vhp(lambda x: (x ** 3).sum(), v, v)
        t.autograd.functional.hvp(lambda x: (x ** 3).sum(), v, v)
        p = t.autograd.profiler.profile(); p.__enter__(); v.exp(); p.__exit__(*[None] * 3); "exp" in str(p.key_averages())
        t.func.grad(lambda x: (x ** 3).sum())(v)
        t.func.grad(lambda x: x)(v)
        t.func.jacrev(lambda x: x ** 2)(v)
        t.func.vmap(lambda x: x.sum())(a)
        t.vmap(t.dot, in_dims=(0, None))(a, v)
        t.func.vmap(lambda x: t.rand(()) + x)(v)
        t.utils.checkpoint.checkpoint(t.exp, v, use_reentrant=False)
        t.utils.checkpoint.checkpoint_sequential([t.exp, t.neg, t.sin], 2, v, use_reentrant=False)
        t.utils.checkpoint.checkpoint_sequential([t.exp], 1, v, use_reentrant=False, wrong=1)
        t.func.functional_call(t.nn.Linear(3, 1), {"weight": t.ones(1, 3), "bias": t.ones(1)}, (v.float(),))
    """),
    "new tensors": lines("""
        t.zeros(2, 3)
        t.zeros((2, 3), dtype=t.int32)
        t.zeros([2])
        t.zeros(size=(2,))
        t.ones(size=(2, 2))
        t.empty(size=(2, 2)).shape
        t.zeros(())
        t.zeros(2, 3, requires_grad=True).requires_grad
        t.zeros(2, dtype=t.int64, requires_grad=True)
        t.zeros(-1)
        t.full((2, 2), 1.5, dtype=t.int32)
        t.full(size=(2,), fill_value=3)
        t.full((), 2)
        t.full((2,), 300, dtype=t.int8)
        t.eye(2, 3)
        t.eye(2, dtype=t.bool)
        t.eye(-1)
        t.arange(5)
        t.arange(1, 5)
        t.arange(start=1, end=5, step=2)
        t.arange(5, 1, -1.5)
        t.arange(1, 5, -1)
        t.arange(5, dtype=t.float16)
        t.arange(z)
        t.range(0, 2) if False else t.arange(0, 2.5, 0.5)
        t.linspace(0, 1, 5)
        t.linspace(1, 0, steps=3)
        t.linspace(0, 10, 4, dtype=t.int64)
        t.logspace(0, 2, 3)
        t.logspace(0, 3, 4, base=2.0)
        t.tensor(3)
        t.tensor([1, 2])
        t.tensor([1.5, True])
        t.tensor([[1, 2], [3]])
        t.tensor([])
        t.tensor("a")
        t.tensor(None)
        t.tensor(np.float32(2))
        t.tensor(np.arange(3))
        t.tensor([np.arange(2), np.arange(2)])
        t.tensor([v[0], v[1]])
        t.tensor(a)
        t.tensor(300, dtype=t.uint8)
        t.tensor(-1, dtype=t.uint8)
        t.tensor(1e40)
        t.tensor(range(3))
        t.tensor(((1, 2), (3, 4)))
        t.as_tensor([1, 2])
        t.as_tensor(np.ones(2))
        t.as_tensor(a) is a
        t.as_tensor(a, dtype=t.float32)
        t.asarray([1.0])
        t.asarray(a, copy=True)
        t.from_numpy(np.ones((2, 2)))
        t.from_numpy([1])
        t.frombuffer(bytearray(b"abcd"), dtype=t.uint8)
        t.frombuffer(bytearray(b"abcd"), dtype=t.uint8, count=2, offset=1)
        t.frombuffer(b"", dtype=t.uint8)
        t.from_dlpack(a)
        t.scalar_tensor(2.5)
        t.empty_strided((2, 3), (1, 2)).stride()
        t.empty_like(a).shape
        t.zeros_like(a)
        t.zeros_like(i, dtype=t.float32)
        t.ones_like(a.t()).stride()
        t.full_like(a, 2)
        t.full_like(i, 2.5)
        t.rand(2, 2)
        t.rand((2,), dtype=t.float64)
        t.randn(3)
        t.randint(5, (3,))
        t.randint(2, 5, (3,))
        t.randint(low=0, high=5, size=(3,), dtype=t.float32)
        t.randint(5, 2, (3,))
        t.randperm(5)
        t.randperm(5, dtype=t.int32)
        t.rand_like(a)
        t.randn_like(a.float())
        t.randint_like(i, 3)
        t.randn_like(a.t())
        t.rand_like(t.ones(5, 4).t())
        t.zeros_like(a.t()).stride(), t.full_like(a.t(), 2)
        t.randn_like(t.ones(6, 5).t())
        t.rand_like(i)
        t.normal(0.0, 1.0, (3,))
        t.normal(a, b.abs())
        t.normal(v, 2.0)
        t.normal(1.0, b.abs())
        t.normal(a, b)
        t.poisson(a.abs())
        t.poisson(a)
        t.binomial(i.abs().double(), t.full((2, 3), 0.3, dtype=t.float64))
        t.bernoulli(a)
        t.multinomial(v.abs(), 2)
        t.multinomial(v.abs(), 4, replacement=True)
        t.multinomial(v, 2)
        t.manual_seed(5) and t.rand(2)
        t.initial_seed()
        t.get_rng_state().shape
        t.set_rng_state(t.get_rng_state()); t.rand(1)
        isinstance(t.seed(), int)
        t.zeros(2, device="cpu")
        t.zeros(2, device=t.device("cpu"))
        t.Tensor([1, 2])
        t.Tensor(2, 3).shape
        t.Tensor().shape
        t.FloatTensor([1, 2])
        t.LongTensor([1, 2])
        t.bartlett_window(5)
        t.hann_window(5, periodic=False)
        t.hamming_window(5, True, 0.5)
        t.blackman_window(5, dtype=t.float64)
        t.hann_window(-1)
        t.finfo(t.float32).eps
        t.finfo(t.float16).max
        t.finfo(t.bfloat16).tiny
        repr(t.finfo(t.float64))
        t.finfo(t.int8)
        t.iinfo(t.int8).min
        repr(t.iinfo(t.int64))
        t.iinfo(t.float32)
        t.get_default_dtype()
        t.get_num_threads() >= 1
        t.set_num_threads(1)
        t.is_grad_enabled()
        t.set_default_dtype(t.float32)
        t.set_default_dtype(t.int32)
        t.set_printoptions(precision=4)
        t.use_deterministic_algorithms(False)
        t.are_deterministic_algorithms_enabled()
        t.compile(abs)(-1)
        t.cond(True, lambda x: x + 1, lambda x: x - 1, (a,))
        t.typename(3)
        t.is_tensor(a)
        t.is_tensor(3)
        t.is_storage(a.untyped_storage())
        t.is_storage(a)
        t.is_floating_point(a)
        t.is_nonzero(z)
        t.is_nonzero(a)
        t.is_same_size(a, b)
        t.is_signed(i.to(t.uint8))
        t.is_distributed(a)
        t.numel(a)
        t.equal(a, a.clone())
        t.equal(a, v)
    """),
    "functions": lines("""
        t.detach(a)
        t.trapz(v, dx=2.0)
        t.trapezoid(a, v)
        t.cumulative_trapezoid(v)
        t.gradient(v)
        t.gradient(a, spacing=(v[:2], v))
        t.gradient(v[:1])
        t.gradient(a, dim=1, edge_order=2)
        t.diff(a, prepend=a[:, :1])
        t.diff(a, n=5)
        t.diff(m)
        t.diff(z)
        t.cov(a, correction=0)
        t.cov(i)
        t.cov(a, fweights=k + 1, aweights=v.abs())
        t.cov(z)
        t.cov(v)
        t.corrcoef(a)
        t.corrcoef(v)
        t.corrcoef(t.stack([i, j]).double()[0])
        t.cdist(a, b)
        t.cdist(a, b, p=1)
        t.cdist(a, b, p=0)
        t.cdist(a, b, p=inf)
        t.cdist(a, d)
        t.cdist(i, j)
        t.cdist(a[None], t.stack([b, b]))
        t.dist(a, b)
        t.dist(a, v, 1)
        t.dist(a, b, inf)
        t.dist(a, b, 0)
        t.renorm(a, 1, 0, 2.0)
        t.renorm(v, 1, 0, 2.0)
        t.norm(a, 0)
        t.norm(a, -inf)
        t.norm(a, "fro", dim=1)
        t.norm(a, 3, dim=(0, 1))
        t.norm(i)
        t.norm_except_dim(a, 2, 1)
        t.quantile(a, t.tensor([0.2, 0.8], dtype=t.float64), dim=1, keepdim=True)
        t.quantile(a, 1.5)
        t.quantile(a, 0.5, interpolation="x")
        t.quantile(i, 0.5)
        t.quantile(a, [0.5])
        t.nanquantile(a, 0.3, dim=0)
        t.histc(a, bins=4, min=-1, max=1)
        t.histc(a, 4, 1, -1)
        t.histc(i)
        t.histogram(a, 4)
        t.histogram(a, 4, range=(-1.0, 1.0), weight=b.abs(), density=True)
        t.histogram(a, v.sort().values)
        t.histogram(a.flatten(), -1)
        t.histogramdd(a.t(), [2, 3])
        t.histogramdd(a.t(), bins=[v.sort().values, v.sort().values])
        t.unique(i, return_inverse=True, return_counts=True)
        t.unique(k, sorted=False)
        t.unique(t.stack([k, k]), dim=0, return_counts=True)
        t.unique_consecutive(k, return_inverse=True, return_counts=True)
        t.unique_consecutive(t.stack([k, k]), dim=0)
        t.mode(k)
        t.mode(i, dim=0, keepdim=True)
        t.kthvalue(a, 2, dim=0, keepdim=True)
        t.kthvalue(a, 9)
        t.median(a, dim=1, keepdim=True)
        t.nanmedian(a)
        t.topk(a, 2, largest=False)
        t.topk(a, 9)
        t.sort(a, dim=0, descending=True)
        t.sort(i, stable=True)
        t.argsort(a, dim=0, descending=True)
        t.msort(a)
        t.cummax(a, 1)
        t.cummin(a, dim=0)
        t.aminmax(a, dim=1, keepdim=True)
        t.amax(a, (0, 1))
        t.max(a, b)
        t.max(a, other=b)
        t.min(a, dim=0, keepdim=True)
        t.max(a, (0, 1))
        t.argmax(a, dim=None)
        t.std(a, unbiased=False)
        t.std(a, 1, False)
        t.var(a, dim=(0, 1), correction=0, keepdim=True)
        t.var_mean(a, dim=1)
        t.std_mean(a, dim=0, unbiased=False)
        t.mean(a, dim=(0, 1), keepdim=True)
        t.sum(a, (0,), True)
        t.prod(a, 1, keepdim=True)
        t.nansum(a, dim=1)
        t.count_nonzero(a, (0, 1))
        t.logsumexp(a, (0, 1))
        t.logsumexp(i, 0)
        t.logcumsumexp(a, 0)
        t.logcumsumexp(z, 0)
        t.cumsum(i, 0)
        t.cumsum(m, 1)
        t.cumprod(a, 1, dtype=t.float32)
        t.softmax(i, 0)
        t.softmax(i, 0, dtype=t.float32)
        t.log_softmax(a, -1)
        t.all(a)
        t.any(i, 0, keepdim=True)
        t.any(a, (0, 1))
        t.cross(a, b)
        t.cross(a, b, dim=1)
        t.cross(d, d)
        t.kron(d, v[:2])
        t.block_diag(a, v, z)
        t.cartesian_prod(v, k)
        t.cartesian_prod(v)
        t.combinations(v, 2, with_replacement=True)
        t.combinations(a)
        t.meshgrid(v, v[:2], indexing="xy")
        t.meshgrid([v, v[:2]], indexing="ij")
        t.meshgrid(a, v, indexing="ij")
        t.vander(v, 3, increasing=True)
        t.vander(k)
        t.atleast_1d(z, v)
        t.atleast_2d(v)
        t.atleast_3d([z, v, a])
        t.hstack((a, b))
        t.vstack((v, v))
        t.dstack((v, v))
        t.column_stack((v, v))
        t.row_stack((v, a))
        t.hstack([])
        t.hsplit(a, 3)
        t.hsplit(a, 2)
        t.vsplit(a, 2)
        t.vsplit(v, 2)
        t.dsplit(a[None], [1])
        t.tensor_split(v, 2)
        t.tensor_split(v, (1, 2))
        t.tensor_split(a, 5, dim=1)
        t.tensor_split(v, 0)
        t.split(v, 2)
        t.split(a, [1, 2], dim=1)
        t.split(a, [1, 1], dim=1)
        t.split_with_sizes(a, [1, 2], 1)
        t.chunk(v, 2)
        t.chunk(a, 5, 1)
        t.repeat_interleave(v, 2)
        t.repeat_interleave(a, k[:2] + 1, dim=0)
        t.repeat_interleave(k)
        t.repeat_interleave(a, -1)
        t.rot90(a)
        t.rot90(a, -1, (1, 0))
        t.rot90(a, 1, (0, 0))
        t.rot90(v)
        t.fliplr(a)
        t.flipud(v)
        t.fliplr(v)
        t.flip(a, (0, 1))
        t.roll(a, 1)
        t.roll(a, (1, 1), (0, 1))
        t.diag(v, -1)
        t.diag(a)
        t.diagflat(a, 1)
        t.diag_embed(a, 1)
        t.diagonal(a, offset=-1)
        t.trace(d)
        t.trace(v)
        t.tril(a, -1)
        t.triu(a, diagonal=1)
        t.adjoint(a)
        t.movedim(a, 0, 1)
        t.moveaxis(a, (0, 1), (1, 0))
        t.swapaxes(a, 0, 1)
        t.swapdims(a, 0, 1)
        t.broadcast_tensors(a, v)
        t.broadcast_to(v, (2, 3))
        t.broadcast_shapes((2, 1), (3,))
        t.unflatten(a, 1, (3, 1))
        t.flatten(a[None], 1)
        t.ravel(a.t())
        t.tile(v, (2, 2))
        t.einsum("ij,ij->i", a, b)
        t.einsum("ij->ji", a)
        t.einsum("...i,i", a, v)
        t.einsum("ij,jk", a, a)
        t.tensordot(a, b, dims=2)
        t.tensordot(a, b, dims=([1], [1]))
        t.chain_matmul(a, a.t(), a)
        t.inner(a, v)
        t.outer(v, v)
        t.ger(v, v)
        t.dot(v, k)
        t.vdot(v, v)
        t.mm(a, a)
        t.mv(a, v)
        t.bmm(a[None], a.t()[None])
        t.matmul(a, v)
        t.matmul(a, b)
        t.addbmm(d, a[None, :, :2], a[None, :, 1:])
        t.addmv(v[:2], a, v, alpha=2)
        t.addr(d, v[1:], v[1:], beta=0)
        t.baddbmm(d[None], d[None], d[None], beta=0)
        t.spmm(a, a.t())
        t.lerp(a, b, b)
        t.addcdiv(a, b, b, value=2)
        t.addcdiv(i, i, i)
        t.clamp(a)
        t.clamp(a, v, v + 1)
        t.clamp(a, 1, 0)
        t.clip(a, max=0)
        t.clamp_min(a, 0)
        t.clamp_max(a, v)
        t.round(a * 1.234, decimals=1)
        t.round(a * 100, decimals=-1)
        t.isclose(a, b)
        t.isclose(a, a.float())
        t.allclose(a, a + 1e-9)
        t.gcd(i, 4)
        t.igamma(a, b)
        t.igammac(a.abs(), b.abs() * 20)
        t.igamma(a.abs() * 50, b.abs() * 50)
        t.igamma(a.abs().float(), b.abs().float())
        t.i0(a * 10)
        t.i0(a.float())
        t.polygamma(2, a.abs())
        t.polygamma(-1, a)
        t.mvlgamma(a, 0)
        t.logit(a, eps=0.1)
        t.nan_to_num(a)
        t.ldexp(a, i)
        t.frexp(a)
        t.float_power(a.abs(), 0.5)
        t.pow(a, t.tensor(2))
        t.searchsorted(a.sort().values, b)
        t.searchsorted(a.sort().values, v)
        t.threshold(a, 0.1, 5.0)
        t.prelu(a, z[None])
        t.celu(a, 2.0)
        t.selu(a)
        t.hardshrink(a, 1.0)
        t.relu(i)
        t.layer_norm(a, [3])
        t.group_norm(a[None], 1)
        t.bilinear(a, d, t.ones(2, 3, 2, dtype=a.dtype))
        t.constant_pad_nd(a, (1, -1), 2)
        t.embedding(a, k)
        t.isin(a, v)
        t.poisson(k)
        t.where(a > 0)
        t.take(a, i)
        t.result_type(a, 1)
    """),
    "methods": lines("""
        a.to(t.float32)
        a.to("cpu") is a
        a.to(i)
        a.to(dtype=t.int64)
        a.to("cpu", t.float32)
        a.to(t.device("cpu"), dtype=t.float16)
        a.to(t.float64) is a
        a.to(t.float64, copy=True) is a
        a.to(t.float32, non_blocking=True)
        a.type(t.int32)
        a.type()
        a.type("torch.FloatTensor") if t.__name__ == "torch" else a.float()
        a.type_as(i)
        a.half(), a.bfloat16().float(), a.double(), a.float(), a.int(), a.long(), a.short(), a.char(), a.byte(), a.bool()
        a.cpu() is a
        a.numpy().tolist()
        a.requires_grad_(); a.numpy()
        a.detach().requires_grad
        a.tolist()
        a.item()
        z.item()
        a.size()
        a.size(1)
        a.size(-1)
        a.size(5)
        a.stride()
        a.stride(0)
        a.t().stride(1)
        a.dim()
        a.ndimension()
        a.nelement()
        a.numel()
        a.element_size()
        a.is_contiguous()
        a.t().is_contiguous()
        a.is_floating_point()
        a.is_signed()
        a.is_pinned()
        a.is_nonzero()
        z.is_nonzero()
        a.is_same_size(b)
        a.is_set_to(a)
        a.is_set_to(a.clone())
        a.is_distributed()
        a.storage_offset()
        a[1].storage_offset()
        len(a.storage())
        a.storage().tolist()
        a[1].untyped_storage().nbytes()
        a.data_ptr() == a.const_data_ptr()
        a.dense_dim()
        a.to_dense()
        a.new_zeros(2)
        a.new_zeros((2, 3), dtype=t.int32)
        a.new_ones(2, 2)
        a.new_empty(2).shape
        a.new_empty((2, 3)).dtype
        a.new_empty_strided((2, 3), (1, 2)).stride()
        a.new_full((2,), 3)
        i.new_full((2,), 2.5)
        a.new_tensor([1, 2])
        a.new([1, 2])
        a.new(2, 2).shape
        a.view(3, 2)
        a.view(-1)
        a.view(7)
        a.t().view(-1)
        a.view(t.int64).shape
        a.view(t.int32).shape
        a.view_as(b.view(3, 2))
        a.reshape(-1, 2)
        a.reshape_as(b.t())
        a.reshape(4)
        a.expand(2, 2, 3)
        a.expand(-1, 3)
        v.expand_as(a)
        a.expand(3, 3)
        a.repeat(2, 1)
        a.repeat(2)
        a.tile(2)
        a.unfold(1, 2, 1)
        a.permute(1, 0)
        a.permute((1, 0))
        a.transpose(0, 1)
        a.swapaxes(0, -1)
        a.squeeze(0)
        a[None].squeeze((0, 1))
        a.unsqueeze(-1)
        a.flatten()
        a.unflatten(1, (1, 3))
        a.contiguous() is a
        a.as_strided((2, 2), (1, 2), 1)
        a.as_strided((9, 9), (1, 2))
        a.sum_to_size(1, 3)
        a.sum_to_size(2)
        a.split(1)
        a.split_with_sizes([1, 1])
        a.bincount()
        k.bincount(minlength=5)
        a.bitwise_and(b)
        i.bitwise_and(j)
        i.bitwise_or(j)
        i.bitwise_xor(1)
        i.bitwise_not()
        i.bitwise_left_shift(1)
        i.bitwise_right_shift(k)
        i.bitwise_not_()
        i.bitwise_or_(1)
        i.bitwise_xor_(j)
        i.bitwise_right_shift_(1)
        i.gcd(j)
        i.lcm(j)
        i.unique()
        i.unique_consecutive()
        i.mode()
        a.allclose(a)
        a.equal(b)
        a.prelu(z[None])
        a.hardshrink(0.6)
        a.polygamma(2)
        a.multinomial(1)
        v.abs().multinomial(2)
        a.bernoulli(0.5).shape
        t.full((2, 3), 0.5).bernoulli()
        a.uniform_()
        a.uniform_(-1, 2)
        a.uniform_(2, 1)
        a.normal_()
        a.normal_(1, 2)
        a.normal_(0, -1)
        a.float().normal_(mean=2, std=0.5)
        a.bernoulli_()
        a.bernoulli_(2.0)
        a.exponential_()
        a.exponential_(2.0)
        a.float().cauchy_()
        a.geometric_(0.3)
        a.log_normal_()
        a.random_()
        a.random_(5)
        a.random_(2, 5)
        i.random_()
        i.random_(10)
        i.uniform_()
        a.values()
        a.indices()
        a.col_indices()
        a.row_indices()
        a.eig()
        a.symeig()
        a.solve(a)
        a.lstsq(a)
        a.reinforce(1)
        a.as_subclass(t.Tensor)
        a.retain_grad()
        b.requires_grad_(); c = b * 2; c.retain_grad(); c.sum().backward(); c.grad
        a.register_hook(print)
        a.requires_grad_(); a.register_post_accumulate_grad_hook(lambda p: None); (a * a).sum().backward(); a.grad
        a.backward()
        a.requires_grad_(); a.backward()
        a.requires_grad_(); (a.sum() * 2).backward(); a.grad
        a.requires_grad_(); (a * 2).backward(b); a.grad
        i.requires_grad_()
        a.requires_grad_(); (a * 2).requires_grad_(False)
        a.resize_(2, 2).shape
        a.T
        a.mT
        v.mT
        a.data
        a.device
        a.dtype
        a.grad
        a.grad_fn
        a.is_leaf
        a.is_cpu
        a.itemsize
        a.nbytes
        a.ndim
        a.name
        a.layout
        a.output_nr
        a.requires_grad
        a.retains_grad
        a.shape
        a.volatile
        a.grad_dtype
        (a.requires_grad_() * 2).is_leaf
        a.grad = b; a.grad
        a.grad = v; a.grad
        a.grad = 3
        a.data = b; a
        a.requires_grad = True; a.requires_grad
    """),
    "operators and protocols": lines("""
        a.__add__(b)
        a.__radd__(1)
        a.__sub__(b)
        a.__rsub__(1)
        a.__mul__(b)
        a.__rmul__(2)
        a.__truediv__(b)
        a.__rtruediv__(2)
        a.__floordiv__(b)
        a.__rfloordiv__(2)
        a.__mod__(b)
        a.__rmod__(2)
        a.abs().__pow__(b)
        a.__rpow__(2)
        a.__matmul__(b.t())
        a.t().__rmatmul__(b)
        i.__and__(j)
        i.__or__(j)
        i.__xor__(j)
        i.__lshift__(1)
        i.__rshift__(1)
        i.__invert__()
        a.__neg__()
        a.__pos__()
        a.__abs__()
        a.__eq__(b)
        a.__ne__(b)
        a.__lt__(b)
        a.__le__(b)
        a.__gt__(b)
        a.__ge__(b)
        a.__eq__(None)
        a == None
        a != "x"
        a < None
        a + None
        a + "x"
        [1] + a
        a.__iadd__(b)
        a.__isub__(b)
        a.__imul__(b)
        a.__itruediv__(b)
        a.abs().__ipow__(2)
        z.__bool__()
        a.__bool__()
        z.__float__()
        z.__int__()
        z.__index__()
        k[0].__index__()
        a.__float__()
        a.__len__()
        z.__len__()
        a.__contains__(2.0)
        2.0 in a
        v in a
        [x.tolist() for x in a.__iter__()]
        list(z)
        a.__getitem__(0)
        a.__setitem__(0, 1); a
        a.__hash__() == hash(a)
        z.__format__(".2f")
        f"{z:.3f}"
        f"{a:.3f}"
        f"{z}"
        a.__repr__()
        z.__repr__()
        a.__array__().tolist()
        np.asarray(a).dtype.name
        np.float64(2) * v
        np.float32(2) * v.float()
        v * np.ones(3)
        np.add(v, 1).tolist() if False else (v + np.float32(1))
        np.sum(np.asarray(a)).item()
        np.exp(np.asarray(v)).tolist()
        a.__deepcopy__({})
        (a.requires_grad_() * 1).__deepcopy__({})
        a.__reduce_ex__(2) is not None
        import copy; copy.copy(a)
        import pickle; pickle.loads(pickle.dumps(a))
        a.__dlpack_device__()[0] == 1
        a.__dlpack__() is not None
        round(z.item(), 1)
        abs(a)
        max(v)
        sum(v)
        divmod(7, 2) == divmod(7, 2)
        -a + +a
        1 - a, 2 * a, 1 / b, 2 ** a, 7 // b, 7 % b
        1 < a, 1 <= a, 1 == a, 1 != a, 1 > a, 1 >= a
        True + a
        a and b
        not z
        [0, 1, 2][k[0]]
        str(a.shape)
        a.shape == (2, 3)
        a.shape[0]
        a.shape.numel()
        a.size() + (1,)
        a.dtype.is_floating_point
        a.dtype.itemsize
        str(a.device)
        repr(a.device)
        t.device("cpu").type
        t.device("cpu").index
        t.device("nonsense")
        t.Size([2, 3])
        t.Size([2]) + t.Size([3])
        t.float32 == t.float
        t.int64 == t.long
        reversed(v)
    """),
}
