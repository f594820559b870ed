"""Reads every segment of a lake with pyarrow and prints, per log type, what the test compares.

Output: one line per column of each log type: log_type, column, type, rows, nulls and a digest of all values in the
order of (object_id, ordinal). Ends with 1 when a column has a type that is not plain.
"""
import datetime
import hashlib
import pathlib
import sys
import uuid

import pyarrow as pa
import pyarrow.parquet as pq


def plain(field):
    kind = field.type
    if isinstance(kind, pa.BaseExtensionType):
        return "uuid" if str(kind.extension_name) == "arrow.uuid" else None
    if kind == pa.string():
        return "text"
    if kind == pa.int64():
        return "integer"
    if kind == pa.float64():
        return "real"
    if kind == pa.bool_():
        return "boolean"
    if kind == pa.timestamp("us"):
        return "time"
    if kind == pa.binary(16):
        return "uuid"
    return None


def text_of(kind, value):
    if kind == "uuid":
        return str(value) if isinstance(value, uuid.UUID) else str(uuid.UUID(bytes=value))
    if kind == "time":
        return str(int((value - datetime.datetime(1970, 1, 1)) / datetime.timedelta(microseconds=1)))
    if kind == "boolean":
        return "true" if value else "false"
    return repr(value) if kind == "real" else str(value)


def main():
    lake = pathlib.Path(sys.argv[1])
    status = 0
    for log_type in sorted(p.name for p in lake.iterdir() if any(p.glob("dt=*/*.parquet"))):
        rows, kinds = [], {}
        for segment in sorted((lake / log_type).glob("dt=*/*.parquet")):
            file = pq.ParquetFile(segment)
            for field in file.schema_arrow:
                kinds[field.name] = plain(field)
                if kinds[field.name] is None:
                    print("not plain:", segment, field.name, field.type)
                    status = 1
            rows += file.read().to_pylist()
        rows.sort(key=lambda row: (row["object_id"], row["ordinal"]))
        for name, kind in kinds.items():
            digest, nulls = hashlib.md5(), 0
            for row in rows:
                value = row.get(name)
                nulls += value is None
                digest.update(b"\0" if value is None else text_of(kind, value).encode() + b"\n")
            print(log_type, name, kind, len(rows), nulls, digest.hexdigest())
    return status


sys.exit(main())
