"""An example of every command, as its help shows it. FLOW and the like stand for ids, or for their beginnings."""

_TABLE = """
demo                   caravan demo --report report.html
run                    caravan run inventory.xlsx cmdb.csv --report report.html --export results
run                    caravan run inventory.xlsx --through discovery --json > figures.json
up                     caravan up --port 8090 --data-dir ~/caravan
status                 caravan status
doctor                 caravan doctor
flow list              caravan flow list --status waiting --type assessment
flow show              caravan flow show FLOW
flow create            caravan flow create inventory.xlsx --wait
flow create            caravan flow create inventory.xlsx --through planning --auto-accept --wait
flow execute           caravan flow execute FLOW inventory
flow skip              caravan flow skip FLOW tech_debt --reason "dates are not to be trusted"
flow pause             caravan flow pause FLOW
flow resume            caravan flow resume FLOW
flow retry             caravan flow retry FLOW
flow refresh           caravan flow refresh FLOW
flow cancel            caravan flow cancel FLOW --reason "the wrong files"
flow delete            caravan flow delete FLOW
flow handoff           caravan flow handoff FLOW --to assessment
flow rollback          caravan flow rollback FLOW --phase inventory --cascade --plan
flow rollback          caravan flow rollback FLOW --phase treatment --key app:portal --reason "decided too early" --yes
chain create           caravan chain create inventory.xlsx --through planning --auto-accept --wait
chain show             caravan chain show FLOW
handoff list           caravan handoff list FLOW
handoff create         caravan handoff create FLOW --to assessment
rollback list          caravan rollback list FLOW
rollback show          caravan rollback show ROLLBACK
attempt list           caravan attempt list FLOW --phase inventory
event list             caravan event list FLOW --limit 20
event follow           caravan event follow --flow FLOW --type flow.completed --json
inbox                  caravan inbox --kind question --kind approval
question list          caravan question list FLOW
question answer        caravan question answer QUESTION production --reason "as the owner says"
question accept        caravan question accept FLOW
approval list          caravan approval list FLOW
approval approve       caravan approval approve APPROVAL --comment "agreed on Monday"
approval reject        caravan approval reject APPROVAL --comment "not on a Friday"
overview               caravan overview
analytics              caravan analytics --days 7
usage                  caravan usage --by flow --by model --since 2026-11-01
flow-type list         caravan flow-type list
estate list            caravan estate list
estate use             caravan estate use FLOW
asset list             caravan asset list --type server --environment production --column name --column memory_gb
asset show             caravan asset show pay-svc-01
asset count            caravan asset count --migrating
asset set              caravan asset set pay-svc-01 memory_gb="16 GB" environment=test --reason "as its host says"
asset set-many         caravan asset set-many environment=test --search tst --reason "named so" --dry-run
lineage                caravan lineage pay-svc-01 memory_gb
mapping list           caravan mapping list FLOW --below 0.8
mapping set            caravan mapping set FLOW "Ref" application_name --reason "as in our CMDB"
conflict list          caravan conflict list FLOW --attribute memory_gb
conflict resolve       caravan conflict resolve CONFLICT --source cmdb.csv --reason "the CMDB is kept up"
pattern list           caravan pattern list --kind mapping
pattern forget         caravan pattern forget PATTERN
dataset list           caravan dataset list FLOW
dataset show           caravan dataset show DATASET
dataset rows           caravan dataset rows DATASET --column name --limit 20
entity list            caravan entity list FLOW --type asset --search pay
entity lineage         caravan entity lineage ENTITY --direction up
report                 caravan report FLOW -o report.html
treatment list         caravan treatment list --contested
treatment set          caravan treatment set "Customer Portal" retain --reason "contract until 2028"
wave show              caravan wave show FLOW
wave check             caravan wave check FLOW --move "Customer Portal=3" --lock "Billing=2"
wave edit              caravan wave edit FLOW EDIT
wave accept            caravan wave accept FLOW EDIT --reason "agreed" --refresh
wave discard           caravan wave discard FLOW EDIT
wave versions          caravan wave versions FLOW
wave compare           caravan wave compare FLOW VERSION
wave restore           caravan wave restore FLOW VERSION --reason "back to the agreed one"
schedule show          caravan schedule show FLOW --sort starts
resource list          caravan resource list --search database
target list            caravan target list --sort -price_per_month --limit 20
cost list              caravan cost list --search total
price show             caravan price show aws eu-central-1
price refresh          caravan price refresh our-prices.csv --dry-run
price withdraw         caravan price withdraw
lifecycle show         caravan lifecycle show rhel
lifecycle refresh      caravan lifecycle refresh https://endoflife.date/api/v1/products/full --dry-run
lifecycle withdraw     caravan lifecycle withdraw
token                  caravan token --client "Quay Ltd" --engagement east --role viewer --ttl 8h
client list            caravan client list
client create          caravan client create "Quay Ltd" --engagement east
engagement list        caravan engagement list
engagement create      caravan engagement create south
member list            caravan member list
member add             caravan member add bob@quay.example --role viewer --role operator --days 30
member change          caravan member change MEMBERSHIP --role viewer
member remove          caravan member remove MEMBERSHIP
quota show             caravan quota show
quota set              caravan quota set CLIENT --flows-running 5 --upload-bytes 10000000000
service-account list   caravan service-account list
service-account create caravan service-account create robot --role operator --days 90
service-account revoke caravan service-account revoke ACCOUNT
audit list             caravan audit list --flow FLOW
audit verify           caravan audit verify
dead-letter list       caravan dead-letter list
dead-letter replay     caravan dead-letter replay --all
dead-letter discard    caravan dead-letter discard ID
backup                 caravan backup backup-monday
restore                caravan restore backup-monday --data-dir ~/restored --dry-run
db upgrade             caravan db upgrade
service add            caravan service add discovery --management-url "$URL" --dry-run
service list           caravan service list
service remove         caravan service remove discovery --mapping-only --dry-run
worker                 caravan worker discovery
orchestrator           caravan orchestrator
openapi                caravan openapi > openapi.json
"""


def _read() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in _TABLE.strip().splitlines():
        path, example = line[:22].strip(), line[22:].strip()
        found[path] = (*found.get(path, ()), example)
    return found


# By the whole name of a command, without `caravan`.
EXAMPLES = _read()
