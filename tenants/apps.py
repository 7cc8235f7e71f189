from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Only now are models loaded, and checks and handlers speak of models.
        from tenants import checks  # noqa: F401, PLC0415
        from tenants.actions.handler import ApplyHandler  # noqa: PLC0415
        from tenants.audit.handler import AuditHandler  # noqa: PLC0415
        from tenants.connections.disconnection import DisconnectHandler  # noqa: PLC0415
        from tenants.connections.rotation import RotateHandler  # noqa: PLC0415
        from tenants.connections.verification import VerifyHandler  # noqa: PLC0415
        from tenants.inventory.handler import SyncHandler  # noqa: PLC0415
        from tenants.runs.handlers import register  # noqa: PLC0415

        register(
            [
                VerifyHandler(),
                SyncHandler(),
                AuditHandler(),
                ApplyHandler(),
                DisconnectHandler(),
                RotateHandler(),
            ]
        )
