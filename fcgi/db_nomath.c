/* db_nomath.c: libm for a SQLite archive whose mathematics nobody calls.
 *
 * SQLite offers acos() to trunc() to SQL, and bm25() to FTS5; no statement here
 * uses them.  To load libm for their sake would cost every CGI process a tenth of
 * what an empty program takes.  The linker takes these in its place; what is
 * missing here it still finds in libm.  Left out where SQLite is a shared library,
 * which has its own, and where sanitizers want the real ones.
 */
#include <math.h>
#include <stdlib.h>

#define ONE(name)             \
	double name(double x) \
	{                     \
		(void)x;      \
		abort();      \
	}
#define TWO(name)                       \
	double name(double x, double y) \
	{                               \
		(void)x;                \
		(void)y;                \
		abort();                \
	}

ONE(acos)
ONE(acosh)
ONE(asin)
ONE(asinh)
ONE(atan)
ONE(atanh)
ONE(cos)
ONE(cosh)
ONE(exp)
ONE(log)
ONE(sin)
ONE(sinh)
ONE(sqrt)
ONE(tan)
ONE(tanh)
ONE(trunc)
TWO(atan2)
TWO(fmod)
TWO(pow)
