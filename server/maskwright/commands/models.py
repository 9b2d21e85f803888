"""`maskwright models …`."""

import typer

from maskwright.commands.common import Data, read_settings
from maskwright.commands.models_add import models_add
from maskwright.commands.models_bench import models_bench
from maskwright.commands.models_check import models_check
from maskwright.commands.models_pull import models_pull

models_app = typer.Typer(help="The models that draft.", no_args_is_help=True)
models_app.command("pull")(models_pull)
models_app.command("check")(models_check)
models_app.command("add")(models_add)
models_app.command("bench")(models_bench)


@models_app.command("list")
def models_list(data: Data = None) -> None:
    """List the models, their labels and what they were measured at; then what can be pulled."""
    from maskwright import models
    from segnets.catalogue import PUBLISHED
    from segnets.registry import broken_entries

    directory = read_settings(data_dir=data).models_dir
    here = models.listed([directory])
    for model in here:
        miou = model["measured"].get("miou")
        figure = f"mIoU {miou:.3f}" if miou is not None else "not measured"
        mark = " (default)" if model["default"] else ""
        typer.echo(f"{model['name']}{mark}: {len(model['labels'])} labels, {figure}")
    for error in broken_entries([directory]).values():
        typer.echo(f"left out: {error}", err=True)
    names = {model["name"] for model in here}
    for published in PUBLISHED:
        if published.name not in names:
            typer.echo(
                f"{published.name}: to be pulled, {published.megabytes} MB: "
                f"maskwright models pull {published.name}"
            )
