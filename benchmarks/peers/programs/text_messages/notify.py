import csv

from twilio.rest import Client

client = Client()

with open("customers.csv") as rows:
    for customer in csv.DictReader(rows):
        client.messages.create(body="Your order has been sent.", from_="+15005550006", to=customer["phone"])
