"""`maskwright models …`."""

import typer

models_app = typer.Typer(help="The models that draft.", no_args_is_help=True)


@models_app.command("list")
def models_list() -> None:
    """List the models, their labels and what they were measured at."""
    from maskwright import models

    for model in models.listed():
        miou = model["measured"].get("miou")
        figure = f"mIoU {miou:.3f}" if miou is not None else "not measured"
        mark = " (default)" if model["default"] else ""
        typer.echo(f"{model['name']}{mark}: {len(model['labels'])} labels, {figure}")
