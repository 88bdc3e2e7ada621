from django.urls import path

import views

urlpatterns = [path("classify", views.classify)]
