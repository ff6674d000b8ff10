"""How far suggestions agree with human coding: alignment, metrics, baselines, benchmarks, reports."""
