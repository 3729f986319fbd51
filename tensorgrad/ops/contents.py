"""What the later families have. Written by `python tests/stubs.py`; not edited by hand."""

CONTENTS = {
    "activation": {
        "":
            "relu",
        "nn.functional":
            "celu celu_ elu elu_ gelu glu hardshrink hardsigmoid hardswish hardtanh hardtanh_ leaky_relu leaky_relu_ "
            "logsigmoid mish prelu relu relu6 relu_ selu selu_ silu softplus softshrink softsign tanhshrink threshold "
            "threshold_",
        "Tensor":
            "prelu relu relu_",
    },
    "reduce": {
        "":
            "all amax amin any count_nonzero cumprod cumsum logsumexp mean nanmean nansum norm prod std std_mean sum var "
            "var_mean",
        "Tensor":
            "all amax amin any count_nonzero cumprod cumprod_ cumsum cumsum_ logsumexp mean nanmean nansum norm prod std "
            "sum var",
    },
    "order": {
        "":
            "argsort bincount bucketize kthvalue mode msort searchsorted sort topk unique unique_consecutive",
        "Tensor":
            "argsort bincount kthvalue mode msort sort topk unique unique_consecutive",
    },
    "extremes": {
        "":
            "aminmax argmax argmin cummax cummin max median min nanmedian",
        "Tensor":
            "aminmax argmax argmin cummax cummin max median min nanmedian",
    },
    "lookup": {
        "nn.functional":
            "embedding embedding_bag one_hot",
    },
    "einsum": {
        "":
            "einsum",
    },
    "stacking": {
        "":
            "adjoint atleast_1d atleast_2d atleast_3d block_diag cartesian_prod column_stack combinations cross diagflat "
            "dsplit dstack fliplr flipud hsplit hstack kron meshgrid repeat_interleave rot90 row_stack tensor_split trace "
            "vander vsplit vstack",
        "Tensor":
            "adjoint cross diagflat dsplit fliplr flipud hsplit kron repeat_interleave rot90 tensor_split trace vsplit",
    },
    "replacing": {
        "":
            "argwhere as_strided_scatter diagonal_scatter index_reduce nonzero_static put select_scatter slice_inverse "
            "slice_scatter tril_indices triu_indices unravel_index",
        "Tensor":
            "argwhere as_strided_scatter diagonal_scatter fill_diagonal_ index_reduce index_reduce_ nonzero_static put put_ "
            "select_scatter slice_inverse slice_scatter",
    },
    "calculus": {
        "":
            "cdist corrcoef cov cumulative_trapezoid diff dist gradient logcumsumexp norm_except_dim pdist renorm trapezoid "
            "trapz",
        "Tensor":
            "corrcoef cov diff dist logcumsumexp renorm renorm_",
    },
    "statistics": {
        "":
            "histc histogram histogramdd isin nanquantile quantile",
        "Tensor":
            "histc histogram nanquantile quantile",
    },
    "longtail": {
        "":
            "bartlett_window blackman_window frexp gcd hamming_window hann_window i0 igamma igammac kaiser_window lcm "
            "mvlgamma",
        "Tensor":
            "frexp gcd gcd_ i0 i0_ igamma igamma_ igammac igammac_ lcm lcm_ mvlgamma mvlgamma_",
    },
    "special": {
        "special":
            "airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 chebyshev_polynomial_t chebyshev_polynomial_u "
            "chebyshev_polynomial_v chebyshev_polynomial_w entr erfcx hermite_polynomial_h hermite_polynomial_he i0e i1 i1e "
            "laguerre_polynomial_l legendre_polynomial_p log_ndtr modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 "
            "modified_bessel_k1 ndtr ndtri scaled_modified_bessel_k0 scaled_modified_bessel_k1 "
            "shifted_chebyshev_polynomial_t shifted_chebyshev_polynomial_u shifted_chebyshev_polynomial_v "
            "shifted_chebyshev_polynomial_w spherical_bessel_j0 xlog1py zeta",
    },
    "fourier": {
    },
    "facts": {
        "":
            "are_deterministic_algorithms_enabled compile cond equal finfo get_float32_matmul_precision "
            "get_num_interop_threads iinfo is_complex is_deterministic_algorithms_warn_only_enabled is_distributed "
            "is_floating_point is_nonzero is_same_size is_signed is_storage is_tensor numel result_type "
            "set_float32_matmul_precision set_num_interop_threads typename use_deterministic_algorithms",
        "Tensor":
            "equal is_distributed is_nonzero is_same_size",
    },
    "memory": {
        "Tensor":
            "as_strided_ const_data_ptr is_set_to resize resize_ resize_as resize_as_ set_ squeeze_ storage swapaxes_ "
            "swapdims_ t_ transpose_ unsqueeze_",
    },
    "methods": {
        "Tensor":
            "apply_ as_subclass col_indices cuda dense_dim fill_ index indices is_shared map2_ map_ mtia ndimension "
            "nelement new new_empty new_empty_strided new_full new_ones new_tensor new_zeros record_stream reinforce "
            "reshape_as row_indices share_memory_ sparse_dim sum_to_size to_dense type_as values view_as xpu zero_",
    },
    "random": {
        "":
            "bernoulli binomial get_rng_state initial_seed manual_seed multinomial normal poisson rand rand_like randint "
            "randint_like randn randn_like randperm seed set_rng_state",
        "Tensor":
            "bernoulli bernoulli_ cauchy_ exponential_ geometric_ log_normal_ multinomial normal_ random_ uniform_",
    },
    "gamma": {
    },
    "solve": {
        "linalg":
            "det inv inv_ex lstsq pinv slogdet solve solve_ex solve_triangular tensorinv tensorsolve",
    },
    "decompose": {
        "":
            "geqrf lu_unpack orgqr ormqr",
        "linalg":
            "cholesky cholesky_ex householder_product ldl_factor ldl_factor_ex ldl_solve lu lu_factor lu_factor_ex lu_solve "
            "qr",
        "Tensor":
            "geqrf orgqr ormqr",
    },
    "spectral": {
        "":
            "lobpcg pca_lowrank svd_lowrank",
        "linalg":
            "eigh eigvalsh svd svdvals",
    },
    "matrix_norm": {
        "linalg":
            "cond cross diagonal matmul matrix_exp matrix_norm matrix_power matrix_rank multi_dot norm vander vecdot "
            "vector_norm",
    },
    "matrices_top": {
        "":
            "cholesky cholesky_inverse cholesky_solve det eig frobenius_norm inverse logdet lstsq lu lu_solve matrix_exp "
            "matrix_power nuclear_norm pinverse qr slogdet solve svd symeig triangular_solve",
        "Tensor":
            "cholesky cholesky_inverse cholesky_solve det eig inverse logdet lstsq lu lu_solve matrix_exp matrix_power "
            "pinverse qr slogdet solve svd symeig triangular_solve",
    },
    "rows": {
        "":
            "log_softmax softmax",
        "nn.functional":
            "log_softmax softmax softmin",
        "Tensor":
            "log_softmax softmax",
    },
    "norm": {
        "nn.functional":
            "batch_norm group_norm instance_norm layer_norm local_response_norm normalize rms_norm",
    },
    "loss": {
        "nn.functional":
            "cross_entropy linear_cross_entropy nll_loss",
    },
    "loss_pointwise": {
        "nn.functional":
            "binary_cross_entropy binary_cross_entropy_with_logits gaussian_nll_loss hinge_embedding_loss huber_loss kl_div "
            "l1_loss mse_loss poisson_nll_loss smooth_l1_loss soft_margin_loss",
    },
    "loss_margin": {
        "":
            "cosine_similarity pairwise_distance",
        "nn.functional":
            "cosine_embedding_loss cosine_similarity margin_ranking_loss multi_margin_loss multilabel_margin_loss "
            "multilabel_soft_margin_loss pairwise_distance triplet_margin_loss triplet_margin_with_distance_loss",
    },
    "dropout": {
        "":
            "alpha_dropout dropout feature_alpha_dropout feature_dropout",
        "nn.functional":
            "alpha_dropout dropout dropout1d dropout2d dropout3d feature_alpha_dropout gumbel_softmax rrelu rrelu_",
    },
    "conv": {
        "":
            "conv1d conv2d conv3d conv_tbc conv_transpose1d conv_transpose2d conv_transpose3d",
        "nn.functional":
            "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d fold unfold",
    },
    "pool": {
        "":
            "adaptive_avg_pool1d avg_pool1d max_pool1d max_pool2d max_pool3d",
        "nn.functional":
            "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d "
            "adaptive_max_pool1d_with_indices adaptive_max_pool2d adaptive_max_pool2d_with_indices adaptive_max_pool3d "
            "adaptive_max_pool3d_with_indices avg_pool1d avg_pool2d avg_pool3d lp_pool1d lp_pool2d lp_pool3d max_pool1d "
            "max_pool1d_with_indices max_pool2d max_pool2d_with_indices max_pool3d max_pool3d_with_indices",
    },
    "pad": {
        "":
            "constant_pad_nd",
        "nn.functional":
            "pad",
    },
    "attention": {
        "nn.functional":
            "multi_head_attention_forward scaled_dot_product_attention",
    },
    "resample": {
        "nn.functional":
            "interpolate upsample upsample_bilinear upsample_nearest",
    },
    "shuffle": {
        "":
            "channel_shuffle pixel_shuffle pixel_unshuffle",
    },
    "unpool": {
        "nn.functional":
            "fractional_max_pool2d fractional_max_pool2d_with_indices fractional_max_pool3d "
            "fractional_max_pool3d_with_indices max_unpool1d max_unpool2d max_unpool3d",
    },
    "ctc": {
        "nn.functional":
            "ctc_loss",
    },
    "grid": {
        "nn.functional":
            "affine_grid grid_sample",
    },
    "grouped": {
        "nn.functional":
            "ScalingType SwizzleType grouped_mm scaled_grouped_mm scaled_mm",
    },
    "native": {
        "":
            "adaptive_max_pool1d affine_grid_generator batch_norm bilinear binary_cross_entropy_with_logits celu "
            "convolution cosine_embedding_loss ctc_loss detach embedding embedding_bag group_norm hardshrink "
            "hinge_embedding_loss instance_norm kl_div layer_norm margin_ranking_loss max_pool1d_with_indices "
            "poisson_nll_loss prelu rms_norm rrelu selu spmm threshold triplet_margin_loss",
        "Tensor":
            "hardshrink",
    },
}
