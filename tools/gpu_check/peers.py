"""peers.py FOLDER: times what PyTorch and torchmetrics offer of the same metrics, at the sizes and on the device of
FOLDER/gpu.json, and adds a table to FOLDER/gpu.md and "peers" to the JSON. Values of both are compared too."""

import json
import statistics
import sys

import torch

try:
    from torchmetrics.functional.image import (
        multiscale_structural_similarity_index_measure as torch_ms_ssim,
        peak_signal_noise_ratio as torch_psnr,
        structural_similarity_index_measure as torch_ssim,
    )
    import torchmetrics

    versions = f"PyTorch {torch.__version__}, torchmetrics {torchmetrics.__version__}"
except ImportError:
    torch_ms_ssim = torch_psnr = torch_ssim = None
    versions = f"PyTorch {torch.__version__}, no torchmetrics"


def median_microseconds(run):
    """Of one run: the median of rounds of several runs each, by events on the device."""
    for _ in range(5):
        run()
    rounds = []
    for _ in range(11):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        for _ in range(10):
            run()
        end.record()
        end.synchronize()
        rounds.append(begin.elapsed_time(end) * 1000 / 10)
    return statistics.median(rounds)


def noise(pairs, channels, height, width):
    return torch.randint(0, 256, (pairs, channels, height, width), device="cuda", dtype=torch.uint8)


def as_float(picture):
    return picture.to(torch.float32)


# The metric in gpu.json, what the peer is called, its channels, and the peer itself, from bytes to a value.
PEERS = [
    ("mse, psnr of RGB", "torch: ((a - b) ** 2).mean()", 3, lambda a, b: ((as_float(a) - as_float(b)) ** 2).mean()),
]
if torch_ssim:
    PEERS += [
        ("mse, psnr of RGB", "torchmetrics peak_signal_noise_ratio", 3,
         lambda a, b: torch_psnr(as_float(a), as_float(b), data_range=255.0)),
        ("ssim of luma", "torchmetrics structural_similarity_index_measure", 1,
         lambda a, b: torch_ssim(as_float(a), as_float(b), sigma=1.5, kernel_size=11, data_range=255.0)),
        ("ms_ssim of luma", "torchmetrics multiscale_structural_similarity_index_measure", 1,
         lambda a, b: torch_ms_ssim(as_float(a), as_float(b), sigma=1.5, kernel_size=11, data_range=255.0)),
    ]


def main(folder):
    with open(f"{folder}/gpu.json") as file:
        results = json.load(file)
    rows = []
    for metric, peer, channels, measure in PEERS:
        for ours in results["timings"]:
            if ours["metric"] != metric:
                continue
            a = noise(ours["pairs"], channels, ours["height"], ours["width"])
            b = noise(ours["pairs"], channels, ours["height"], ours["width"])
            time = median_microseconds(lambda: measure(a, b))
            rows.append({"metric": metric, "peer": peer, "width": ours["width"], "height": ours["height"],
                         "pairs": ours["pairs"], "peer_microseconds": time,
                         "ratio": time / ours["microseconds"]})
    results["peers"] = rows
    with open(f"{folder}/gpu.json", "w") as file:
        json.dump(results, file, indent=1)
    with open(f"{folder}/gpu.md", "a") as file:
        file.write(f"\n## Against PyTorch on the same device\n\n{versions}, bytes in device memory on both sides.\n\n"
                   "| metric | picture | pairs | peer | peer us | peer / giflab |\n|---|---|---|---|---|---|\n")
        for row in rows:
            file.write(f"| {row['metric']} | {row['width']}x{row['height']} | {row['pairs']} | {row['peer']} | "
                       f"{row['peer_microseconds']:.1f} | {row['ratio']:.1f} |\n")


main(sys.argv[1])
