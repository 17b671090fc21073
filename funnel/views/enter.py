def enter(request, *args, **kwargs):
    raise NotImplementedError
