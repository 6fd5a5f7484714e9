from base import *
from oscar.defaults import *

INSTALLED_APPS += ["django.contrib.flatpages", "oscar.config.Shop"]
INSTALLED_APPS += [
    f"oscar.apps.{module}.apps.{name}Config"
    for module, name in {
        "analytics": "Analytics",
        "checkout": "Checkout",
        "address": "Address",
        "shipping": "Shipping",
        "catalogue": "Catalogue",
        "catalogue.reviews": "CatalogueReviews",
        "communication": "Communication",
        "partner": "Partner",
        "basket": "Basket",
        "payment": "Payment",
        "offer": "Offer",
        "order": "Order",
        "customer": "Customer",
        "search": "Search",
        "voucher": "Voucher",
        "wishlists": "Wishlists",
        "dashboard": "Dashboard",
        "dashboard.reports": "ReportsDashboard",
        "dashboard.users": "UsersDashboard",
        "dashboard.orders": "OrdersDashboard",
        "dashboard.catalogue": "CatalogueDashboard",
        "dashboard.offers": "OffersDashboard",
        "dashboard.partners": "PartnersDashboard",
        "dashboard.pages": "PagesDashboard",
        "dashboard.ranges": "RangesDashboard",
        "dashboard.reviews": "ReviewsDashboard",
        "dashboard.vouchers": "VouchersDashboard",
        "dashboard.communications": "CommunicationsDashboard",
        "dashboard.shipping": "ShippingDashboard",
    }.items()
]
INSTALLED_APPS += ["widget_tweaks", "haystack", "treebeard", "sorl.thumbnail", "django_tables2"]
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
