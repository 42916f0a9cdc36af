"""A node's charging, set up for tests: ledger 10 in EUR, a tariff of 0.30 a kWh, a driver with a credit and a card."""

TARIFF = {"tariff": 1, "terms": {"currency": "EUR", "energy_per_kwh": 300000, "tax_basis_points": 1900,
                                 "prices_include_tax": True}}
CARD = "CARD-7"


def secret_of(station):
    """Long enough, and another for each."""
    return f"{station}-secret-of-a-test".ljust(24, "0")


def post(client, target, body):
    answer = client.post(target, body)
    assert answer.status == 200 and answer.json.get("outcome", "done") == "done", (target, answer.body)
    return answer.json


def set_up(client, *stations):
    post(client, "/v1/charging/settings", {"ledger": 10, "currency": "EUR", "exponent": 2})
    client_answer = client.post("/v1/tariffs", TARIFF)
    assert client_answer.status == 200, client_answer.body
    for station in stations:
        post(client, "/v1/stations", {"station": station, "connectors": 2, "tariff": 1, "secret": secret_of(station)})
    post(client, "/v1/drivers", {"driver": 7, "credit_limit": 1000000, "max_sessions": 100})
    post(client, "/v1/tokens", {"token": CARD, "driver": 7})
