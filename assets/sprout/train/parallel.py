"""The loop all trainings share: flat parameters, several one-thread workers, resumable.

On a CPU whose cores are shared with other work, threads that meet at every operation wait for the slowest at
every operation. Workers that each take a part of the batch in one thread and meet once per step do not: that is
what this file is for. Parameters, gradients, optimiser state and averages are flat vectors in shared memory;
each worker updates its own stretch of them. On CUDA there is one worker and nothing is shared.
"""

import math
import os
import pathlib
import time

import torch
import torch.multiprocessing as mp


def generator(seed, step, rank):
    """Draws that depend on the step alone, so that a resumed run goes on as it would have."""
    return torch.Generator().manual_seed((seed * 1_000_003 + step) * 64 + rank)


def device():
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Flat:
    """All parameters of some modules as views of one vector, gradients likewise."""

    def __init__(self, modules, workers):
        self.params = [p for m in modules for p in m.parameters() if p.requires_grad]
        self.spans, total = [], 0
        for p in self.params:
            self.spans.append((total, total + p.numel()))
            total += p.numel()
        where = self.params[0].device
        new = lambda n: torch.zeros(n, device=where) if where.type == "cuda" else torch.zeros(n).share_memory_()
        self.value, self.average, self.first, self.second = (new(total) for _ in range(4))
        self.grads = [new(total) for _ in range(workers)]
        self.norms = new(workers)
        for p, (a, b) in zip(self.params, self.spans):
            view = self.shaped(self.value[a:b], p)
            view.copy_(p.data)
            p.data = view
        self.average.copy_(self.value)
        # Cut between parameters, as evenly as that allows; a worker updates its stretch.
        self.cuts = [0]
        for w in range(1, workers):
            self.cuts.append(min(range(len(self.spans)), key=lambda k: abs(self.spans[k][0] - total * w / workers)))
        self.cuts.append(len(self.params))

    @staticmethod
    def shaped(flat, p):
        """Four-dimensional weights in channels-last order, so that convolutions need not reorder them."""
        if p.dim() == 4:
            o, i, h, w = p.shape
            return flat.view(o, h, w, i).permute(0, 3, 1, 2)
        return flat.view(p.shape)

    def attach(self, rank):
        for p, (a, b) in zip(self.params, self.spans):
            p.grad = self.shaped(self.grads[rank][a:b], p)

    def state(self):
        return {k: getattr(self, k) for k in ("value", "average", "first", "second")}

    def load(self, state):
        for k in ("value", "average", "first", "second"):
            getattr(self, k).copy_(state[k])

    def swap(self):
        """Exchanges the values with their averages (to draw or save with the averages, and back)."""
        held = self.value.clone()
        self.value.copy_(self.average)
        self.average.copy_(held)


def orthogonal(m, steps=5):
    """Newton-Schulz: the nearest matrices [N, R, C] with orthogonal rows or columns, roughly (Muon, Jordan et al. 2024)."""
    a, b, c = 3.4445, -4.7750, 2.0315
    flip = m.size(1) > m.size(2)
    x = m.mT if flip else m
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    if x.is_cuda:
        x = x.bfloat16()
    for _ in range(steps):
        s = x @ x.mT
        x = a * x + torch.baddbmm(s, s, s, beta=b, alpha=c) @ x
    x = x.to(m.dtype)
    return x.mT if flip else x


class Optimizer:
    """AdamW over a stretch, or Muon for its hidden matrices and AdamW for the rest."""

    def __init__(self, flat, rank, muon=(), decay=0.01, betas=(0.9, 0.99), clip=1.0):
        self.flat, self.decay, self.betas, self.clip = flat, decay, betas, clip
        a, b = flat.cuts[rank], flat.cuts[rank + 1]
        self.matrices = [k for k in range(a, b) if id(flat.params[k]) in muon]
        # Matrices of one shape are made orthogonal together.
        self.alike = {}
        for k in self.matrices:
            rows = flat.params[k].shape[0]
            self.alike.setdefault((rows, flat.params[k].numel() // rows), []).append(k)
        self.span = slice(flat.spans[a][0], flat.spans[b - 1][1])
        self.rank = rank
        n = self.span.stop - self.span.start
        self.decayed = torch.zeros(n, device=flat.value.device)
        self.adam = torch.ones(n, device=flat.value.device)
        for k in range(a, b):
            s = slice(flat.spans[k][0] - self.span.start, flat.spans[k][1] - self.span.start)
            if flat.params[k].dim() > 1:
                self.decayed[s] = 1
            if k in self.matrices:
                self.adam[s] = 0

    def gather(self):
        """Averages the workers' gradients over this stretch; leaves the norm for the others to see."""
        g = self.flat.grads[0][self.span]
        for other in self.flat.grads[1:]:
            g.add_(other[self.span])
        g.div_(len(self.flat.grads))
        self.flat.norms[self.rank] = g.square().sum()

    @torch.no_grad()
    def step(self, count, rate, muon_rate=0.0, average=0.999):
        f, s = self.flat, self.span
        g, m, v, p = f.grads[0][s], f.first[s], f.second[s], f.value[s]
        norm = f.norms.sum().sqrt()
        g.mul_((self.clip / (norm + 1e-8)).clamp(max=1.0))
        b1, b2 = self.betas
        m.lerp_(g, 1 - b1)
        v.lerp_(g * g, 1 - b2)
        c1, c2 = 1 - b1**count, 1 - b2**count
        move = (m / c1) / ((v / c2).sqrt_().add_(1e-8))
        move.mul_(self.adam)
        p.mul_(1 - rate * self.decay * self.decayed)
        p.sub_(move, alpha=rate)
        for shape, members in self.alike.items():
            spans = [f.spans[k] for k in members]
            # Nesterov momentum, then orthogonal; the scale keeps the size of a step like AdamW's.
            u = torch.stack([0.1 * f.grads[0][a:b] + 0.9 * f.first[a:b] for a, b in spans])
            u = orthogonal(u.view(len(members), *shape)) * (0.2 * math.sqrt(max(shape)))
            for (a, b), one in zip(spans, u):
                f.value[a:b].sub_(one.reshape(-1), alpha=muon_rate)
        f.average[s].lerp_(p, 1 - min(average, (1 + count) / (10 + count)))
        for grads in f.grads:
            grads[s].zero_()
        return norm


def save(path, **things):
    """Whole or not at all."""
    path = pathlib.Path(path)
    torch.save(things, path.with_suffix(".part"))
    os.replace(path.with_suffix(".part"), path)


def schedule(step, args, warm=50, last=0.02):
    """Linear warm-up, level, and a linear fall over the last steps.

    Level rather than a cosine, so that a run can be told to end sooner or later while it is under way: stop it and
    start it again with other --steps and --cool.
    """
    left = (args.steps - step) / max(1, args.cool)
    return min(1.0, (step + 1) / warm) * min(1.0, last + (1 - last) * left)


def _work(rank, task, args, flat, start, barrier, losses):
    if flat.value.device.type == "cpu":
        torch.set_num_threads(1)
    flat.attach(rank)
    optimizer = Optimizer(flat, rank, muon=task.muon(), **task.optimizer())
    began, shown = time.time(), time.time()
    mean, wait = None, lambda: barrier.wait() if barrier else None
    folder = pathlib.Path(args.out)
    for step in range(start, args.steps):
        loss = task.loss(step, rank, generator(args.seed, step, rank))
        loss["loss"].backward()
        for k, name in enumerate(task.shown):
            losses[rank, k] = float(loss[name].detach()) if torch.is_tensor(loss[name]) else float(loss[name])
        wait()
        optimizer.gather()
        if rank == 0:
            now = losses.mean(0)
            mean = now.clone() if mean is None else mean.lerp(now, max(0.02, 1 / (step - start + 1)))
        wait()
        rates = task.rates(step)
        norm = optimizer.step(step + 1, **rates)
        wait()
        if rank == 0:
            if step < 5 or (step + 1) % args.show == 0:
                shown = " ".join(f"{n} {v:.4f}" for n, v in zip(task.shown, mean.tolist()))
                print(f"{step + 1} {time.time() - began:.0f}s {shown} norm {float(norm):.3f} rate {rates['rate']:.2e}", flush=True)
            if (step + 1) % args.keep == 0 or step + 1 == args.steps:
                save(folder / "state.pt", step=step + 1, args=vars(args), **flat.state())
                flat.swap()
                with torch.no_grad():
                    task.keep(folder, step + 1)
                flat.swap()
        if (step + 1) % args.keep == 0 or step + 1 == args.steps:
            wait()


def arguments(parser):
    parser.add_argument("--out", required=True, help="folder of this training: state.pt, weights, sheets")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--cool", type=int, default=0, help="last steps, over which the rate falls")
    parser.add_argument("--batch", type=int, default=64, help="pictures a step, over all workers")
    parser.add_argument("--workers", type=int, default=0, help="0: one per core on a CPU, one on CUDA")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=50)
    parser.add_argument("--keep", type=int, default=500, help="steps between checkpoints")
    parser.add_argument("--init", help="a Sprout folder whose weights to start from")
    return parser


def train(task, args):
    """Runs a task: an object with modules, loss, rates, keep, muon, optimizer and the names it shows."""
    where = device()
    workers = 1 if where.type == "cuda" else args.workers or max(1, len(os.sched_getaffinity(0)))
    if where.type == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    task.workers = workers
    folder = pathlib.Path(args.out)
    folder.mkdir(parents=True, exist_ok=True)
    flat = Flat(task.modules, workers)
    start = 0
    if (folder / "state.pt").exists():
        state = torch.load(folder / "state.pt", map_location=where)
        flat.load(state)
        start = state["step"]
        print("resumed at", start, flush=True)
    print(f"{flat.value.numel() / 1e6:.3f} M parameters, {workers} workers on {where}", flush=True)
    losses = torch.zeros(workers, len(task.shown)).share_memory_()
    if workers == 1:
        return _work(0, task, args, flat, start, None, losses)
    # Forked, so that modules keep their shared views; nothing may have started OpenMP threads before.
    torch.set_num_threads(1)
    if hasattr(task, "warm"):
        flat.attach(0)
        task.warm()
        flat.grads[0].zero_()
    context = mp.get_context("fork")
    barrier = context.Barrier(workers)
    crowd = [
        context.Process(target=_work, args=(r, task, args, flat, start, barrier, losses)) for r in range(1, workers)
    ]
    for p in crowd:
        p.start()
    try:
        _work(0, task, args, flat, start, barrier, losses)
    except BaseException:
        barrier.abort()
        raise
    for p in crowd:
        p.join()
