"""What Captum's DeepLift makes of the chains of src/explain/deeplift.rs: python deeplift.py > deeplift.json

Networks, scaler, planes, recordings and reference follow formulas that the test repeats; double precision over single-precision weights.
"""

import json

import captum
import torch
from captum.attr import DeepLift

torch.set_num_threads(1)


def wave(count, step, phase, size):
    return torch.sin(step * torch.arange(count).double() + phase) * size


def dense(number, inputs, outputs):
    layer = torch.nn.Linear(inputs, outputs).double()
    with torch.no_grad():
        weight = wave(inputs * outputs, 1.3, 1 + 7.7 * number, (6 / inputs) ** 0.5)
        layer.weight.copy_(weight.float().double().reshape(outputs, inputs))
        layer.bias.copy_(wave(outputs, 0.7, number, 0.3).float().double())
    return layer


class Scaler(torch.nn.Module):
    def __init__(self, mean, sd):
        super().__init__()
        self.mean, self.sd = mean, sd

    def forward(self, x):
        return (x - self.mean) / self.sd


class Targets(torch.nn.Module):
    """The latent dimensions, then the planes."""

    def __init__(self, planes, bias):
        super().__init__()
        identity = torch.eye(planes.shape[1]).double()
        self.linear = torch.nn.Linear(planes.shape[1], planes.shape[0] + planes.shape[1]).double()
        with torch.no_grad():
            self.linear.weight.copy_(torch.cat([identity, planes]))
            self.linear.bias.copy_(torch.cat([torch.zeros(planes.shape[1]).double(), bias]))

    def forward(self, latent):
        return self.linear(latent)


def attribute(sizes, activation, planes, recordings):
    columns, latent = sizes[0], sizes[-1]
    modules = [Scaler(wave(columns, 0.9, 0.0, 2.0), 1.5 + wave(columns, 0.4, 0.0, 1.0))]
    for number in range(len(sizes) - 1):
        modules.append(dense(number, sizes[number], sizes[number + 1]))
        if number + 2 < len(sizes):
            modules.append(activation())
    modules.append(Targets(wave(planes * latent, 2.1, 0.5, 1.0).reshape(planes, latent), wave(planes, 1.0, 1.0, 1.0)))
    network = torch.nn.Sequential(*modules)
    x = wave(recordings * columns, 0.61, 0.2, 3.0).reshape(recordings, columns)
    reference = wave(columns, 0.17, 0.0, 1.0).reshape(1, columns)
    found = []
    for target in range(latent + planes):
        contributions, delta = DeepLift(network).attribute(x, reference, target=target, return_convergence_delta=True)
        assert delta.abs().max() < 1e-9, delta
        found.append(contributions.detach())
    # recordings × targets × columns
    return [round(float(v), 9) for v in torch.stack(found, 1).flatten()]


print(
    json.dumps(
        {
            "captum": captum.__version__,
            "relu": attribute([7, 6, 4, 2], torch.nn.ReLU, 3, 4),
            "tanh": attribute([7, 6, 4, 2], torch.nn.Tanh, 3, 4),
            "elu": attribute([7, 6, 4, 2], torch.nn.ELU, 3, 4),
            "paper": attribute([88, 64, 32, 2], torch.nn.ReLU, 4, 3),
        }
    )
)
