from .declaration import TRUTH as TRUTH
from .design import Design as Design
from .errors import BenchmarkError as BenchmarkError
from .errors import DeclarationError as DeclarationError
from .errors import DesignError as DesignError
from .simulation import Simulation as Simulation
from .simulation import simulate as simulate
from .truth import truth_table as truth_table
