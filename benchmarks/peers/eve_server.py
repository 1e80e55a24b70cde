"""Eve on the copy of the records that BENCH_SERVER names. Started by eve.ts: two workers of gunicorn."""

import os

from bson import json_util
from eve import Eve

settings = json_util.loads(os.environ["BENCH_SERVER"])
# Ids of ours have letters and dashes; Eve looks for an ObjectId unless told.
ITEM_URL = 'regex("[A-Za-z0-9-]+")'
TEXT = {"type": "string"}
NULLABLE = {"type": "string", "nullable": True}


def report(name):
    aggregation = settings["reports"][name]
    return {
        "datasource": {
            "source": aggregation["collection"],
            "aggregation": {"pipeline": aggregation["pipeline"]},
        }
    }


app = Eve(
    settings={
        "MONGO_URI": settings["mongodb_uri"],
        "MONGO_WRITE_CONCERN": {"w": "majority"},
        "PAGINATION_LIMIT": 100,
        # Every list would count all that match, too.
        "OPTIMIZE_PAGINATION_FOR_SPEED": True,
        "DOMAIN": {
            "patients": {
                "item_url": ITEM_URL,
                "allow_unknown": True,
                "schema": {"_id": TEXT, "name": TEXT},
            },
            "appointments": {
                "item_url": ITEM_URL,
                "allow_unknown": True,
                "resource_methods": ["GET", "POST"],
                "schema": {
                    "patient_id": {"type": "string", "required": True},
                    "doctor_id": {"type": "string", "required": True},
                    "department_id": TEXT,
                    "hospital_id": TEXT,
                    "date": {"type": "datetime", "required": True},
                    "status": TEXT,
                    "disease": NULLABLE,
                    "reason": NULLABLE,
                },
            },
            "top-doctors": report("top-doctors"),
            "monthly": report("monthly"),
        },
    }
)
