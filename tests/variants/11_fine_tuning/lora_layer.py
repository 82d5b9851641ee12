"""Answers to lora-layer, right and wrong."""

# %% right="functional_linear"
# Two calls of nn.functional.linear; a is uniform.
class LoRA(nn.Module):
    def __init__(self, base, rank, alpha):
        super().__init__()
        self.linear, self.rank, self.alpha = base, rank, alpha
        for one in self.linear.parameters():
            one.requires_grad = False
        self.a = nn.Parameter(torch.empty(rank, base.in_features).uniform_(-0.1, 0.1))
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        down = nn.functional.linear(x, self.a)
        return self.linear(x) + nn.functional.linear(down, self.b) * (self.alpha / self.rank)


# %% right="one_matrix_on_the_fly"
# Makes the sum of matrices first, and keeps the base's numbers as buffers.
class LoRA(nn.Module):
    def __init__(self, base, rank, alpha):
        super().__init__()
        base.weight.requires_grad = False
        if base.bias is not None:
            base.bias.requires_grad = False
        self.register_buffer("weight", base.weight)
        self.register_buffer("bias", base.bias)
        self.s = alpha / rank
        self.a = nn.Parameter(torch.randn(rank, base.in_features) * 0.05)
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return nn.functional.linear(x, self.weight + self.s * self.b @ self.a, self.bias)


# %% wrong="both_random"
# A new layer changes the model before anything was learned.
class LoRA(nn.Module):
    def __init__(self, base, rank, alpha):
        super().__init__()
        self.base, self.scale = base.requires_grad_(False), alpha / rank
        self.a = nn.Parameter(torch.randn(rank, base.in_features) * 0.1)
        self.b = nn.Parameter(torch.randn(base.out_features, rank) * 0.1)

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.a.T) @ self.b.T


# %% wrong="both_zero"
# Nothing ever moves.
class LoRA(nn.Module):
    def __init__(self, base, rank, alpha):
        super().__init__()
        self.base, self.scale = base.requires_grad_(False), alpha / rank
        self.a = nn.Parameter(torch.zeros(rank, base.in_features))
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.a.T) @ self.b.T


# %% wrong="base_is_not_frozen"
# The old weights learn, too.
class LoRA(nn.Module):
    def __init__(self, base, rank, alpha):
        super().__init__()
        self.base, self.scale = base, alpha / rank
        self.a = nn.Parameter(torch.randn(rank, base.in_features) * 0.1)
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.a.T) @ self.b.T


# %% wrong="bias_still_learns"
# Freezes the matrix and forgets the bias.
class LoRA(nn.Module):
    def __init__(self, base, rank, alpha):
        super().__init__()
        base.weight.requires_grad = False
        self.base, self.scale = base, alpha / rank
        self.a = nn.Parameter(torch.randn(rank, base.in_features) * 0.1)
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.a.T) @ self.b.T


# %% wrong="scale_is_alpha"
# Forgets to divide by the rank.
class LoRA(nn.Module):
    def __init__(self, base, rank, alpha):
        super().__init__()
        self.base, self.scale = base.requires_grad_(False), alpha
        self.a = nn.Parameter(torch.randn(rank, base.in_features) * 0.1)
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.a.T) @ self.b.T


# %% wrong="whole_division_of_alpha"
# alpha // rank is 0 for a small alpha.
class LoRA(nn.Module):
    def __init__(self, base, rank, alpha):
        super().__init__()
        self.base, self.scale = base.requires_grad_(False), alpha // rank
        self.a = nn.Parameter(torch.randn(rank, base.in_features) * 0.1)
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.a.T) @ self.b.T


# %% wrong="forward_without_gradient"
# Works out the detour where no gradient is kept.
class LoRA(nn.Module):
    def __init__(self, base, rank, alpha):
        super().__init__()
        self.base, self.scale = base.requires_grad_(False), alpha / rank
        self.a = nn.Parameter(torch.randn(rank, base.in_features) * 0.1)
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.a.T).detach() @ self.b.T


# %% wrong="only_for_one_batch_axis"
# torch.mm takes matrices only.
class LoRA(nn.Module):
    def __init__(self, base, rank, alpha):
        super().__init__()
        self.base, self.scale = base.requires_grad_(False), alpha / rank
        self.a = nn.Parameter(torch.randn(rank, base.in_features) * 0.1)
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return self.base(x) + self.scale * torch.mm(torch.mm(x, self.a.T), self.b.T)


# %% wrong="same_a_in_every_layer"
# A fixed seed: all 210 detours look at the same directions.
class LoRA(nn.Module):
    def __init__(self, base, rank, alpha):
        super().__init__()
        torch.manual_seed(0)
        self.base, self.scale = base.requires_grad_(False), alpha / rank
        self.a = nn.Parameter(torch.randn(rank, base.in_features) * 0.1)
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.a.T) @ self.b.T


# %% wrong="transposes_x"
# x.T is defined for matrices: right for rows of inputs, wrong for more axes.
class LoRA(nn.Module):
    def __init__(self, base, rank, alpha):
        super().__init__()
        self.base, self.scale = base.requires_grad_(False), alpha / rank
        self.a = nn.Parameter(torch.randn(rank, base.in_features) * 0.1)
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return self.base(x) + self.scale * (self.b @ (self.a @ x.T)).T


# %% wrong="base_without_gradient"
# Freezes by no_grad around base: layers before it learn through the detour only.
class LoRA(nn.Module):
    def __init__(self, base, rank, alpha):
        super().__init__()
        self.base = base.requires_grad_(False)
        self.scale = alpha / rank
        self.a = nn.Parameter(
            torch.randn(rank, base.in_features) / base.in_features ** 0.5)
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        with torch.no_grad():
            old = self.base(x)
        return old + self.scale * (x @ self.a.T) @ self.b.T


# %% wrong="detour_from_a_copy"
# Detaches x for the detour: layers before it learn through base only.
class LoRA(nn.Module):
    def __init__(self, base, rank, alpha):
        super().__init__()
        self.base = base.requires_grad_(False)
        self.scale = alpha / rank
        self.a = nn.Parameter(
            torch.randn(rank, base.in_features) / base.in_features ** 0.5)
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return self.base(x) + self.scale * (
            x.detach() @ self.a.T) @ self.b.T
