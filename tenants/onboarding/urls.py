from django.urls import path

from tenants.onboarding.views import connect, entry, follow, portal, trace

app_name = "onboarding"
urlpatterns = [
    path("guide/", entry.guide, name="guide"),
    path("enter/<str:token>/", entry.enter, name="enter"),
    path("<uuid:link_id>/", entry.welcome, name="welcome"),
    path("<uuid:link_id>/okta/", entry.instructions, name="instructions"),
    path("<uuid:link_id>/connect/", connect.connect, name="connect"),
    path("<uuid:link_id>/connect/check/", connect.check, name="check"),
    path("<uuid:link_id>/proof/", follow.proof, name="proof"),
    path("<uuid:link_id>/proof/live/", follow.proof_live, name="proof_live"),
    path("<uuid:link_id>/connected/", follow.connected, name="connected"),
    path("<uuid:link_id>/connected/live/", follow.connected_live, name="connected_live"),
    path("<uuid:link_id>/pause/", portal.pause, name="pause"),
    path("<uuid:link_id>/resume/", portal.resume, name="resume"),
    path("<uuid:link_id>/rotation/on/", portal.rotation_on, name="rotation_on"),
    path("<uuid:link_id>/rotation/off/", portal.rotation_off, name="rotation_off"),
    path("<uuid:link_id>/disconnect/", portal.disconnect, name="disconnect"),
    path("<uuid:link_id>/asked/", trace.asked, name="asked"),
]
