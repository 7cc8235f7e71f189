"""The map of pages."""

from django.urls import include, path

from tenants.web import health, metrics

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("accounts/", include("tenants.web.accounts_urls")),
    path("connect/", include("tenants.onboarding.urls")),
    path("", include("tenants.dashboard.urls")),
]

handler400 = "tenants.web.error_pages.bad_request"
handler403 = "tenants.web.error_pages.forbidden"
handler404 = "tenants.web.error_pages.not_found"
handler429 = "tenants.web.error_pages.too_many"  # allauth asks for it; Django never does
handler500 = "tenants.web.error_pages.server_error"
