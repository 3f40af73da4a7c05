from .judgement import VERDICTS as VERDICTS
from .judgement import verdicts as verdicts
from .parameter_recovery import recovery as recovery
