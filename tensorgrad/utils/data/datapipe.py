"""Datapipes: data sets made of data sets, each step a class that also is a method, `pipe.shuffled(3)`, of every pipe."""

from functools import partial, wraps

from ..._core.errors import ArgumentError
from .dataset import Dataset, IterableDataset

SWITCHES = {"deterministic": False, "validated": True}


class Functional:
    """The steps that a kind of pipe has as methods."""

    functions: dict = {}

    @classmethod
    def register_datapipe_as_function(cls, function_name, make, enable_df_api_tracing=False):
        """Let pipe.function_name(...) be make(pipe, ...). ArgumentError for a name that is taken.

        >>> from tensorgrad.utils.data import IterDataPipe
        >>> class Pipe(IterDataPipe):
        ...     functions = {}
        ...     def __iter__(self):
        ...         return iter([1, 2])
        >>> Pipe.register_datapipe_as_function("doubled", lambda pipe: [2 * x for x in pipe])
        >>> Pipe().doubled()
        [2, 4]
        """
        if function_name in cls.functions:
            raise ArgumentError(f"register_datapipe_as_function: there is a datapipe {function_name!r} already")
        cls.functions[function_name] = make

    def __getattr__(self, name):
        make = type(self).functions.get(name)
        if make is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return partial(make, self)


class IterDataPipe(Functional, IterableDataset):
    """A pipe that is iterated. Errors: NotImplementedError without an __iter__, AttributeError for a function that no
    functional_datapipe has given it. Source: torch.utils.data.IterDataPipe.

    >>> from tensorgrad.utils.data import IterDataPipe, functional_datapipe
    >>> @functional_datapipe("times")
    ... class Times(IterDataPipe):
    ...     def __init__(self, source, factor):
    ...         self.source, self.factor = source, factor
    ...     def __iter__(self):
    ...         return (self.factor * x for x in self.source)
    >>> list(Times([1, 2], 3).times(10))
    [30, 60]
    >>> del IterDataPipe.functions["times"]
    """

    functions: dict = {}


class MapDataPipe(Functional, Dataset):
    """A pipe with samples by number. Errors: NotImplementedError without a __getitem__, AttributeError for a function that no
    functional_datapipe has given it. Source: torch.utils.data.MapDataPipe.

    >>> from tensorgrad.utils.data import MapDataPipe
    >>> class Squares(MapDataPipe):
    ...     def __getitem__(self, index):
    ...         return index * index
    >>> Squares()[3]
    9
    """

    functions: dict = {}


def functional_datapipe(name, enable_df_api_tracing=False):
    """A decorator of classes of pipes: pipes of that kind get the method `name`. Errors: TypeError for other classes, ArgumentError
    for a name that a pipe has already. Source: torch.utils.data.functional_datapipe.

    >>> from tensorgrad.utils.data import MapDataPipe, functional_datapipe
    >>> @functional_datapipe("first")
    ... class First(MapDataPipe):
    ...     def __init__(self, source):
    ...         self.source = source
    >>> First(None).first().source.source is None
    True
    >>> del MapDataPipe.functions["first"]
    """
    def register(made):
        cls = getattr(made, "pipe", made)  # what non_deterministic has decorated
        for kind in (IterDataPipe, MapDataPipe):
            if isinstance(cls, type) and issubclass(cls, kind):
                kind.register_datapipe_as_function(name, made)
                return made
        raise TypeError(f"functional_datapipe: {made!r} is no IterDataPipe or MapDataPipe")
    return register


class Switch:
    """Something that is on from the making of the object to the end of the `with` block."""

    name, value = "", False

    def __init__(self):
        self.before = SWITCHES[self.name]
        SWITCHES[self.name] = self.value

    def __enter__(self):
        return None

    def __exit__(self, *error):
        SWITCHES[self.name] = self.before


class guaranteed_datapipes_determinism(Switch):
    """Inside, making a pipe that is non_deterministic is a TypeError. Source: torch.utils.data.guaranteed_datapipes_determinism.

    >>> from tensorgrad.utils.data import guaranteed_datapipes_determinism
    >>> with guaranteed_datapipes_determinism():
    ...     pass
    """

    name, value = "deterministic", True


class runtime_validation_disabled(Switch):
    """For programs that switch PyTorch's check of a pipe's samples off: here they are never checked, and there are no errors.
    Source: torch.utils.data.runtime_validation_disabled.

    >>> from tensorgrad.utils.data import runtime_validation_disabled
    >>> with runtime_validation_disabled():
    ...     pass
    """

    name, value = "validated", False


def non_deterministic(arg):
    """A decorator of IterDataPipes whose samples differ from run to run: all of them, or those made with arguments for which the
    function `arg` answers True. Errors: TypeError for other classes. Source: torch.utils.data.non_deterministic.

    >>> from tensorgrad.utils.data import IterDataPipe, guaranteed_datapipes_determinism, non_deterministic
    >>> @non_deterministic
    ... class Noise(IterDataPipe):
    ...     pass
    >>> with guaranteed_datapipes_determinism():
    ...     Noise()
    Traceback (most recent call last):
    TypeError: Noise is not deterministic, and guaranteed_datapipes_determinism is set
    """
    def guarded(cls, differs):
        if not (isinstance(cls, type) and issubclass(cls, IterDataPipe)):
            raise TypeError(f"non_deterministic: {cls!r} is no IterDataPipe")

        @wraps(cls, updated=())
        def make(*args, **kwargs):
            answer = differs(*args, **kwargs)
            if not isinstance(answer, bool):
                raise TypeError(f"non_deterministic: the function must answer with a bool, got {answer!r}")
            if answer and SWITCHES["deterministic"]:
                raise TypeError(f"{cls.__name__} is not deterministic, and guaranteed_datapipes_determinism is set")
            return cls(*args, **kwargs)
        make.pipe = cls
        return make

    if isinstance(arg, type):
        return guarded(arg, lambda *args, **kwargs: True)
    if callable(arg):
        return lambda cls: guarded(cls, arg)
    raise TypeError(f"non_deterministic: {arg!r} is neither a class nor a function")
