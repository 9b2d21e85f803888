"""All configuration, read here and nowhere else, from MASKWRIGHT_* or the command line."""

from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1 << 20


class Settings(BaseSettings):
    """What an installation can choose. Sizes are in bytes, times in seconds."""

    model_config = SettingsConfigDict(env_prefix="MASKWRIGHT_", extra="ignore")

    data_dir: Path = Field(default_factory=lambda: user_data_path("maskwright", False))
    database_url: str = ""
    jobs_database_url: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    open_to_network: bool = False
    allowed_hosts: list[str] = ["127.0.0.1", "localhost", "[::1]"]

    max_upload_bytes: int = Field(default=100 * MIB, gt=0)
    max_request_bytes: int = Field(default=1024 * MIB, gt=0)
    max_files_per_upload: int = Field(default=1000, gt=0)
    max_pixels: int = Field(default=100_000_000, gt=0)
    max_mask_bytes: int = Field(default=256 * MIB, gt=0)
    max_json_bytes: int = Field(default=4 * MIB, gt=0)

    model: str = "default"
    models_dir: Path = Field(default_factory=lambda data: data["data_dir"] / "models")
    models_url: str = "https://download.pytorch.org/models"
    warm: bool = True
    proposal_concurrency: int = Field(default=1, ge=1, le=64)
    proposal_queue: int = Field(default=8, ge=0, le=10_000)
    proposal_nice: int = Field(default=10, ge=0, le=19)
    threads: int = Field(default=0, ge=0, le=256)
    engine: str = "auto"

    worker: bool = True
    worker_nice: int = Field(default=10, ge=0, le=19)
    worker_threads: int = Field(default=0, ge=0, le=256)
    job_concurrency: int = Field(default=1, ge=1, le=16)
    trash_days: int = Field(default=30, ge=0)
    result_days: int = Field(default=7, ge=0)
    log_level: str = "info"
    log_json: bool = False

    @property
    def database(self) -> str:
        """The SQLAlchemy URL of the store: by default one SQLite file in the data directory."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir / 'maskwright.db'}"
        scheme, _, rest = self.database_url.partition("://")
        return (
            f"postgresql+psycopg://{rest}"
            if scheme in ("postgres", "postgresql")
            else (self.database_url)
        )

    @property
    def engines_dir(self) -> Path:
        """What engines have converted, and which of them `models bench` chose."""
        return self.data_dir / "engines"

    @property
    def results_dir(self) -> Path:
        """Where finished exports lie until they expire."""
        return self.data_dir / "results"
