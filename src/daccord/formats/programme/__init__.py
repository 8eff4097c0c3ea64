"""Programmes of fellowships and other awards over several years: a folder with programme.toml and tables."""

from daccord.formats.programme._reading import load_programme, programme_schema

__all__ = ["load_programme", "programme_schema"]
