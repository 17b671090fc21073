def dashboard(request, *args, **kwargs):
    raise NotImplementedError
