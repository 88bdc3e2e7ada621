from django.http import HttpRequest, JsonResponse

from batches import Runner


def classify(request: HttpRequest) -> JsonResponse:
    texts = request.POST.getlist("text")
    return JsonResponse({"labels": Runner().run(texts)})
