"""The first requests to an endpoint: can it be judged at all, with which model, and if not, why?"""
