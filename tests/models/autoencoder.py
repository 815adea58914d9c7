"""What PyTorch makes of the autoencoders of src/model/autoencoder/train.rs: python autoencoder.py > autoencoder.json

Same rows, same initial weights, same batches, no noise; three epochs. Rows, weights and orders follow formulas that the test repeats.
"""

import json

import torch

torch.manual_seed(0)
torch.set_num_threads(1)
ROWS, COLUMNS, BATCH, SIZES = 50, 7, 16, [7, 6, 4, 2, 4, 6, 7]
LINEAR = [2, 5]  # latent space and output


def rows():
    i, j = torch.meshgrid(torch.arange(ROWS).double(), torch.arange(COLUMNS).double(), indexing="ij")
    return (torch.sin(0.37 * i * (j + 1)) + 0.5 * torch.cos(0.11 * i + j)).float()


def layer(number, inputs, outputs):
    dense = torch.nn.Linear(inputs, outputs)
    k = torch.arange(inputs * outputs).double() + 100 * number
    with torch.no_grad():
        dense.weight.copy_((torch.sin(1.3 * k + 1) * (6 / inputs) ** 0.5).float().reshape(outputs, inputs))
        dense.bias.zero_()
    return dense


def orders():
    forwards = list(range(ROWS))
    return [forwards, forwards[::-1], [(17 * i) % ROWS for i in forwards]]


def train(activation, weight_decay):
    modules = []
    for number in range(6):
        modules.append(layer(number, SIZES[number], SIZES[number + 1]))
        if number not in LINEAR:
            modules.append(activation())
    network = torch.nn.Sequential(*modules)
    adam = torch.optim.AdamW(network.parameters(), lr=0.01, weight_decay=weight_decay)
    x, losses = rows(), []
    for order in orders():
        squares = 0.0
        for start in range(0, ROWS, BATCH):
            batch = x[order[start : start + BATCH]]
            loss = torch.nn.functional.mse_loss(network(batch), batch)
            adam.zero_grad()
            loss.backward()
            adam.step()
            squares += loss.item() * batch.numel()
        losses.append(squares / x.numel())
    weights = torch.cat([p.detach().flatten() for p in network.parameters()])
    return {"losses": losses, "weights": [round(w, 7) for w in weights.tolist()]}


print(
    json.dumps(
        {
            "torch": torch.__version__,
            "relu": train(torch.nn.ReLU, 0.0),
            "tanh": train(torch.nn.Tanh, 0.0),
            "elu": train(torch.nn.ELU, 0.0),
            "gelu": train(torch.nn.GELU, 0.0),
            "decay": train(torch.nn.ReLU, 0.1),
        }
    )
)
