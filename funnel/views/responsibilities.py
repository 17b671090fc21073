def responsibilities(request, *args, **kwargs):
    raise NotImplementedError
