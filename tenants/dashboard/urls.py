from django.urls import include, path

from tenants.dashboard.views import (
    changes,
    fleet,
    health,
    invitations,
    leaving,
    rotation,
    runs,
    steering,
    tenant,
)

app_name = "dashboard"

tenant_pages = [
    path("", tenant.overview, name="tenant"),
    path("inventory/", tenant.resource_list, name="tenant_inventory"),
    path("inventory/<uuid:resource_id>/", tenant.resource, name="tenant_resource"),
    path("inventory/<uuid:resource_id>/switch/", changes.switch, name="tenant_switch"),
    path("changes/", tenant.changes, name="tenant_changes"),
    path("findings/", tenant.finding_list, name="tenant_findings"),
    path("runs/", tenant.run_list, name="tenant_runs"),
    path("connection/", tenant.connection, name="tenant_connection"),
    path("activity/", tenant.activity, name="tenant_activity"),
    path("run/", steering.run, name="tenant_run"),
    path("pause/", steering.pause, name="tenant_pause"),
    path("resume/", steering.resume, name="tenant_resume"),
    path("rotation/on/", rotation.switch_on, name="tenant_rotation_on"),
    path("rotation/off/", rotation.switch_off, name="tenant_rotation_off"),
    path("rotation/now/", rotation.now, name="tenant_rotation_now"),
    path("disconnect/", leaving.disconnect, name="tenant_disconnect"),
    path("delete/", leaving.delete, name="tenant_delete"),
    path("restore/", leaving.restore, name="tenant_restore"),
    path("job/pause/", steering.job_pause, name="tenant_job_pause"),
    path("job/resume/", steering.job_resume, name="tenant_job_resume"),
    path("job/interval/", steering.job_interval, name="tenant_job_interval"),
    path("accept-removals/", steering.accept_removals, name="tenant_accept_removals"),
    path("link/", invitations.link_renew, name="tenant_link_renew"),
    path("link/revoke/", steering.link_revoke, name="tenant_link_revoke"),
]

urlpatterns = [
    path("", fleet.fleet, name="fleet"),
    path("pause/", fleet.pause, name="fleet_pause"),
    path("resume/", fleet.resume, name="fleet_resume"),
    path("tenants/new/", invitations.tenant_new, name="tenant_new"),
    path("tenants/<uuid:tenant_id>/", include(tenant_pages)),
    path("health/", health.health, name="health"),
    path("runs/", runs.run_list, name="runs"),
    path("runs/retry/", runs.retry_all, name="runs_retry"),
    path("runs/<uuid:run_id>/", runs.run, name="run"),
    path("runs/<uuid:run_id>/live/", runs.run_live, name="run_live"),
    path("runs/<uuid:run_id>/retry/", runs.retry, name="run_retry"),
    path("runs/<uuid:run_id>/cancel/", runs.cancel, name="run_cancel"),
    path("runs/<uuid:run_id>/changes/<uuid:intent_id>/", changes.settle, name="run_settle"),
]
