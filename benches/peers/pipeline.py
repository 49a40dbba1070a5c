"""The pipeline of benches/pipeline, written for each tool: ten layers of queries, each of which joins two of the layer
before on a key and keeps every row."""

from pathlib import Path

LAYERS = 10
ROWS = 1000


class Query:
    def __init__(self, layer, at, index, inputs):
        self.layer, self.at, self.index, self.inputs = layer, at, index, inputs
        self.name = (f"l{layer}", f"a{at}")

    def sql(self, refer, literal=1):
        """Its text; `refer` says how a tool names an input."""
        left, right = (refer(*name) for name in self.inputs)
        return f"""select
    l.id,
    l.grp,
    (l.amount + r.amount * {literal} + {self.index}) % 1009 as amount,
    greatest(l.day, r.day) as day,
    case when l.amount > r.amount then l.label else r.label end as label
from {left} as l
join {right} as r on r.id = l.id
where l.amount >= 0"""


class Pipeline:
    def __init__(self, assets):
        self.sources = max(assets // 100, 2)
        layers = min(LAYERS, assets)
        width = -(-assets // layers)
        self.queries = []
        for index in range(assets):
            layer, at = divmod(index, width)
            other = (at * 7 + 3) % width
            if other == at:
                other = (at + 1) % width
            if layer == 0:
                inputs = [("raw", f"s{number % self.sources}") for number in (at, at + 1)]
            else:
                inputs = [(f"l{layer - 1}", f"a{number}") for number in (at, other)]
            self.queries.append(Query(layer, at, index, inputs))

    def csv(self, source):
        lines = ["id,grp,amount,day,label"]
        for row in range(ROWS):
            amount, day = (row * 31 + source * 7) % 1009, 1 + row % 28
            lines.append(f"{row},{row % 17},{amount},2024-01-{day:02},label {(row + source) % 97}")
        return "\n".join(lines) + "\n"


class Tool:
    """A project of the pipeline for one tool, in a folder of its own."""

    def __init__(self, pipeline, folder):
        self.pipeline, self.folder = pipeline, Path(folder)
        self.data = self.folder / "data"

    def put(self, path, text):
        path = self.folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def generate(self):
        for source in range(self.pipeline.sources):
            self.put(f"data/s{source}.csv", self.pipeline.csv(source))
            self.source(source)
        for query in self.pipeline.queries:
            self.query(query)
        self.settings()

    def edit(self, literal):
        """Changes a literal in the last query, which nothing reads."""
        self.query(self.pipeline.queries[-1], literal)

    def source(self, number):
        raise NotImplementedError

    def query(self, query, literal=1):
        raise NotImplementedError

    def settings(self):
        raise NotImplementedError


class Dp(Tool):
    def settings(self):
        self.put("dp.toml", '[project]\nname = "bench"\n')

    def source(self, number):
        self.put(f"assets/raw/s{number}.toml", f'kind = "source"\n\n[source]\npath = "data/s{number}.csv"\n')

    def query(self, query, literal=1):
        sql = query.sql(lambda schema, name: f"{schema}.{name}", literal)
        self.put("assets/{}/{}.toml".format(*query.name), f'kind = "sql"\nsql = """\n{sql}\n"""\n')


class Dbt(Tool):
    def settings(self):
        self.put(
            "dbt_project.yml",
            "name: bench\nversion: '1.0'\nprofile: bench\nmodels:\n  bench:\n    +materialized: table\n"
            "flags:\n  send_anonymous_usage_stats: false\n",
        )
        self.put(
            "profiles.yml",
            "bench:\n  target: prod\n  outputs:\n    prod:\n      type: duckdb\n"
            "      path: warehouse.duckdb\n      threads: 2\n",
        )

    def source(self, number):
        file = self.data / f"s{number}.csv"
        self.put(f"models/raw/raw_s{number}.sql", f"select * from read_csv('{file}')\n")

    def query(self, query, literal=1):
        sql = query.sql(lambda schema, name: "{{ ref('" + f"{schema}_{name}" + "') }}", literal)
        schema, name = query.name
        self.put(f"models/{schema}/{schema}_{name}.sql", sql + "\n")


class Sqlmesh(Tool):
    def settings(self):
        self.put(
            "config.yaml",
            "gateways:\n  local:\n    connection:\n      type: duckdb\n      database: warehouse.duckdb\n"
            "default_gateway: local\nmodel_defaults:\n  dialect: duckdb\n  start: 2024-01-01\n",
        )

    def model(self, schema, name, sql):
        self.put(f"models/{schema}/{name}.sql", f"MODEL (name {schema}.{name}, kind FULL);\n\n{sql}\n")

    def source(self, number):
        file = self.data / f"s{number}.csv"
        columns = "id::bigint as id, grp::bigint as grp, amount::bigint as amount, day::date as day, label::text as label"
        self.model("raw", f"s{number}", f"select {columns} from read_csv('{file}')")

    def query(self, query, literal=1):
        self.model(*query.name, query.sql(lambda schema, name: f"{schema}.{name}", literal))


class Terraform(Tool):
    """Terraform knows no tables: one `terraform_data` for each, whose query is its input. What it plans and records is
    like what dp does, what it runs is nothing."""

    def settings(self):
        self.put("versions.tf", 'terraform {\n  required_version = ">= 1.4"\n}\n')

    def source(self, number):
        file = self.data / f"s{number}.csv"
        self.put(
            f"raw_s{number}.tf",
            f'resource "terraform_data" "raw_s{number}" {{\n  input = filesha256("{file}")\n}}\n',
        )

    def query(self, query, literal=1):
        sql = query.sql(lambda schema, name: f"{schema}.{name}", literal)
        above = ", ".join(f"terraform_data.{schema}_{name}.id" for schema, name in query.inputs)
        schema, name = query.name
        self.put(
            f"{schema}_{name}.tf",
            f'resource "terraform_data" "{schema}_{name}" {{\n  input = {{\n    reads = [{above}]\n'
            f"    sql   = <<-EOT\n{sql}\n    EOT\n  }}\n}}\n",
        )
