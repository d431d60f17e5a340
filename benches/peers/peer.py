"""The work of `afterimage bench` in PyTorch or OpenVINO, f32, with random weights.

    python peer.py torch|torch-last|openvino CASE THREADS

Says {"ready": true} once the network is there, or {"error": "..."}; then runs once for every line on
standard input, and says {"seconds": ...}. Needs torch, diffusers, transformers and openvino.
"""

import json
import sys
import time


def say(**answer):
    print(json.dumps(answer), flush=True)


def network(case):
    """The network and its inputs."""
    import torch

    torch.manual_seed(0)
    if case.startswith("unet") or case == "tiny":
        from diffusers import UNet2DConditionModel

        if case == "tiny":
            side, width = 32, 256
            net = UNet2DConditionModel(
                block_out_channels=(64, 128, 192),
                layers_per_block=2,
                cross_attention_dim=width,
                attention_head_dim=8,
                down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
                up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
            )
        else:
            side, width = int(case[4:]), 768
            net = UNet2DConditionModel(cross_attention_dim=width, attention_head_dim=8)
        net.forward = (lambda plain: lambda x, c: plain(x, 500, c, return_dict=False)[0])(net.forward)
        return net, (torch.randn(1, 4, side, side), torch.randn(1, 77, width))
    if case.startswith("vae"):
        from diffusers import AutoencoderKL

        net = AutoencoderKL(
            block_out_channels=(128, 256, 512, 512),
            layers_per_block=2,
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
        )
        net.forward = lambda x: net.decode(x, return_dict=False)[0]
        return net, (torch.randn(1, 4, int(case[3:]), int(case[3:])),)
    if case == "clip":
        from transformers import CLIPTextConfig, CLIPTextModel

        config = CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_attention_heads=12)
        net = CLIPTextModel(config)
        net.forward = (lambda plain: lambda ids: plain(ids)[0])(net.forward)
        return net, (torch.arange(77)[None] * 37 % 49408,)
    if case.startswith("rrdb"):

        class Dense(torch.nn.Module):
            def __init__(self):
                super().__init__()
                grown = [torch.nn.Conv2d(64 + 32 * i, 32 if i < 4 else 64, 3, 1, 1) for i in range(5)]
                self.convs = torch.nn.ModuleList(grown)

            def forward(self, x):
                seen = [x]
                for conv in self.convs[:4]:
                    seen.append(torch.nn.functional.leaky_relu(conv(torch.cat(seen, 1)), 0.2))
                return x + 0.2 * self.convs[4](torch.cat(seen, 1))

        class Block(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.dense = torch.nn.Sequential(Dense(), Dense(), Dense())

            def forward(self, x):
                return x + 0.2 * self.dense(x)

        class Rrdb(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.first = torch.nn.Conv2d(3, 64, 3, 1, 1)
                self.body = torch.nn.Sequential(*(Block() for _ in range(23)))
                self.rest = torch.nn.ModuleList([torch.nn.Conv2d(64, 64, 3, 1, 1) for _ in range(4)])
                self.last = torch.nn.Conv2d(64, 3, 3, 1, 1)

            def forward(self, x):
                x = self.first(x)
                x = x + self.rest[0](self.body(x))
                for conv in self.rest[1:3]:
                    x = torch.nn.functional.interpolate(x, scale_factor=2, mode="nearest")
                    x = torch.nn.functional.leaky_relu(conv(x), 0.2)
                return self.last(torch.nn.functional.leaky_relu(self.rest[3](x), 0.2))

        side = int(case[4:] or 128)
        return Rrdb(), (torch.rand(1, 3, side, side),)
    if case == "vgg":
        layers, inputs = [], 3
        for block, (width, convs) in enumerate([(64, 2), (128, 2), (256, 4), (512, 4), (512, 1)]):
            for at in range(convs):
                layers += [torch.nn.Conv2d(inputs, width, 3, 1, 1)]
                inputs = width
                if block < 4:
                    layers += [torch.nn.ReLU(inplace=True)]
            if block < 4:
                layers += [torch.nn.MaxPool2d(2)]
        net = torch.nn.Sequential(*layers).requires_grad_(False)
        return net, (torch.rand(1, 3, 256, 256),)
    if case.startswith("style"):
        layers, inputs = [], 3
        for width, pools in ((64, False), (64, True), (128, False), (128, True), (256, False)):
            layers += [torch.nn.Conv2d(inputs, width, 3, 1, 1)]
            layers += [torch.nn.ReLU()] + [torch.nn.MaxPool2d(2)] * pools
            inputs = width
        net = torch.nn.Sequential(*layers[:-1]).requires_grad_(False)
        content, style = (torch.rand(1, 3, int(case[5:]), int(case[5:])) for _ in range(2))
        # Far from the content's brightness: where there is nothing to change torch ends early.
        return net, (content, style**4)
    if case == "attn4096":

        class Attention(torch.nn.Module):
            def forward(self, q, k, v):
                return torch.nn.functional.scaled_dot_product_attention(q, k, v)

        return Attention(), tuple(torch.randn(1, 8, 4096, 40) for _ in range(3))
    raise SystemExit(f"no case {case}")


def in_torch(case, threads, last):
    import torch

    torch.set_num_threads(threads)
    net, inputs = network(case)
    net = net.eval()
    if last:
        layout = torch.channels_last
        net = net.to(memory_format=layout)
        inputs = tuple(x.contiguous(memory_format=layout) if x.dim() == 4 else x for x in inputs)

    def forward():
        with torch.inference_mode():
            net.forward(*inputs)

    def there_and_back():
        picture = inputs[0].detach().requires_grad_(True)
        made = net(picture)
        made.backward(made.detach())

    def styled():
        """Twenty evaluations of both losses, after what is wanted was seen."""
        content, style = inputs

        def seen(picture):
            given = []
            for layer in net:
                picture = layer(picture)
                if isinstance(layer, torch.nn.Conv2d):
                    given.append(picture)
            return given

        def gram(given):
            rows = given.flatten(1).reshape(given.shape[1], -1)
            return rows @ rows.T / rows.numel()

        with torch.no_grad():
            grams, wanted = [gram(given) for given in seen(style)], seen(content)[3]
        picture = content.clone().requires_grad_(True)
        optimizer = torch.optim.LBFGS([picture], lr=1)

        evaluations = 0

        def closure():
            nonlocal evaluations
            evaluations += 1
            with torch.no_grad():
                picture.clamp_(0, 1)
            optimizer.zero_grad()
            given, mse = seen(picture), torch.nn.functional.mse_loss
            loss = 1e6 * sum(mse(gram(own), other) for own, other in zip(given, grams))
            loss = loss + mse(given[3], wanted)
            loss.backward()
            return loss

        optimizer.step(closure)
        if evaluations != 20:
            raise SystemExit(f"torch ended after {evaluations} evaluations")

    if case.startswith("style"):
        return styled
    return there_and_back if case == "vgg" else forward


def in_openvino(case, threads):
    import openvino
    import torch

    if case == "vgg" or case.startswith("style"):
        raise SystemExit("OpenVINO has no gradients")
    net, inputs = network(case)
    with torch.no_grad():
        model = openvino.convert_model(net.eval(), example_input=inputs)
    del net
    core = openvino.Core()
    wishes = {
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
    }
    compiled = core.compile_model(model, "CPU", wishes)
    request = compiled.create_infer_request()
    values = [x.numpy() for x in inputs]
    return lambda: request.infer(values)


def main():
    peer, case, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    try:
        run = in_openvino(case, threads) if peer == "openvino" else in_torch(case, threads, peer == "torch-last")
        run()
    except (Exception, SystemExit) as error:  # Whatever it is, our side has to hear of it.
        say(error=f"{type(error).__name__}: {error}"[:300])
        return
    say(ready=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        run()
        say(seconds=time.perf_counter() - started)


main()
