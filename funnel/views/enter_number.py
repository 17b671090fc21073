def enter_number(request, *args, **kwargs):
    raise NotImplementedError
