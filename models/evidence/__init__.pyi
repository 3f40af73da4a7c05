from .judgement import verdicts as verdicts
from .links import with_links as with_links
from .offer import Offer as Offer
from .parameter_recovery import known_truth as known_truth
from .parameter_recovery import recovery as recovery
from .rules import VERDICTS as VERDICTS
from .threats import declared as declared
from .threats import exposure as exposure
