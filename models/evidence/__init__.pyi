from .judgement import verdicts as verdicts
from .parameter_recovery import recovery as recovery
from .rules import VERDICTS as VERDICTS
