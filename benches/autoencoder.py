"""Training an autoencoder: ser against PyTorch, side by side.

    cargo build --release -p ser-models --example autoencoder
    python benches/autoencoder.py target/release/examples/autoencoder [ROWS] [ROUNDS]

The same work for both: 88-64-32-2-32-64-88, ReLU, 50 epochs, batch 64, Adam, mean squared error; once undercomplete, once denoising. The two take turns, so that
whatever else the machine does hits both. Wall and processor time of the training alone, without the start of a process; medians over the rounds.
`ser ×2` fits two at a time on two threads, as an evaluation does with folds: wall time per fit.
"""

import resource
import statistics
import subprocess
import sys
import time


def torch_fit(rows, noise, threads):
    """As one would write it: a Sequential, Adam, batches by a permutation of the rows."""
    import torch
    from torch import nn

    if threads:
        torch.set_num_threads(threads)
    torch.manual_seed(0)
    x = torch.randn(rows, 88)

    def fit(epochs):
        network = nn.Sequential(
            *(nn.Linear(88, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2)),
            *(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 88)),
        )
        adam = torch.optim.Adam(network.parameters(), lr=1e-3)
        loss_of = nn.MSELoss()
        for _ in range(epochs):
            order = torch.randperm(rows)
            total = 0.0
            for start in range(0, rows, 64):
                target = x[order[start : start + 64]]
                batch = target + noise * torch.randn_like(target) if noise else target
                loss = loss_of(network(batch), target)
                adam.zero_grad()
                loss.backward()
                adam.step()
                total += loss.item() * len(target)

    fit(1)  # warm
    wall, processor = time.perf_counter(), time.process_time()
    fit(50)
    print(time.perf_counter() - wall, time.process_time() - processor)


def child(command):
    return [float(v) for v in subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()]


def ours(binary, rows, noise, fits):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    (wall,) = child([binary, str(rows), str(noise), str(fits)])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall / fits, processor / fits


def main():
    if sys.argv[1] == "--torch":
        return torch_fit(int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
    binary = sys.argv[1]
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 2600
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    for noise in (0, 1):
        runs = {
            "ser": lambda: ours(binary, rows, noise, 1),
            "ser ×2": lambda: ours(binary, rows, noise, 2),
            "torch, 1 thread": lambda: child([sys.executable, __file__, "--torch", str(rows), str(noise), "1"]),
            "torch, its threads": lambda: child([sys.executable, __file__, "--torch", str(rows), str(noise), "0"]),
        }
        times = {name: [] for name in runs}
        for _ in range(rounds):
            for name, run in runs.items():
                times[name].append(run())
        median = {name: [statistics.median(t) for t in zip(*values)] for name, values in times.items()}
        print(f"\n{'denoising' if noise else 'undercomplete'}, {rows} rows, median of {rounds}")
        print(f"{'':20} {'wall s':>8} {'processor s':>12} {'wall / ser':>11} {'processor / ser':>16}")
        for name, (wall, processor) in median.items():
            w, p = wall / median["ser"][0], processor / median["ser"][1]
            print(f"{name:20} {wall:8.3f} {processor:12.3f} {w:11.1f} {p:16.1f}")


main()
