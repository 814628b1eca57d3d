# Cartolina.  `make deps run` and `make deps check` are all a newcomer needs;
# `make help` lists the rest.

VERSION = 0.1.0
PORT ?= 8080
BUILD ?= build
prefix ?= /usr/local

# --- compiler ------------------------------------------------------------------
# CFLAGS and LDFLAGS are the user's and come last.
CC = gcc
CFLAGS ?= -O2 -g
OUR_CFLAGS = -std=c11 -D_GNU_SOURCE -DCARTOLINA_VERSION='"$(VERSION)"' \
	-Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wformat=2 -fno-common -fstack-protector-strong -fPIE \
	-iquote include -iquote $(BUILD) -MMD -MP
OUR_LDFLAGS = -pie -Wl,-z,relro,-z,now,-z,pack-relative-relocs
ifdef DEVELOPER
OUR_CFLAGS += -Werror -Wundef -Wpointer-arith -Wcast-align
endif
ifdef SANITIZE
OUR_CFLAGS += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=undefined
OUR_LDFLAGS += -fsanitize=$(SANITIZE)
BUILD := build/sanitize
else
OUR_CFLAGS += $(if $(findstring -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif

# Static archives where Debian has them: each shared library costs every CGI
# process its loading (README, "Dependencies").  SHARED=1 for distributions.
LIBS = -lfcgi -lyaml -lsqlite3 -ljansson -lcmark-gfm-extensions -lcmark-gfm
ifndef SHARED
LIBS := -Wl,-Bstatic $(LIBS) -Wl,-Bdynamic
endif
# libc first, which has a frexp() too.
LIBS += -lc -Wl,--as-needed -lm

# The program does without libm where it can; everything else has it.
SOURCES = $(sort $(wildcard fcgi/*.c))
OBJECTS = $(filter-out $(BUILD)/obj/db_nomath.o,$(SOURCES:fcgi/%.c=$(BUILD)/obj/%.o))
NOMATH = $(if $(SHARED)$(SANITIZE),,$(BUILD)/obj/db_nomath.o)
RESOURCES = $(sort $(wildcard conf/theme/*.mustache conf/locale/*.yaml))
UNIT_SOURCES = $(sort $(wildcard tests/unit/test_*.c))
UNIT_TESTS = $(UNIT_SOURCES:tests/unit/%.c=$(BUILD)/unit/%)
FUZZ_TARGETS = $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
REPLAYS = $(FUZZ_TARGETS:%=$(BUILD)/replay/%)
FUZZ_SECONDS ?= 60
SOAK_SECONDS ?= 900

# V=1 shows the commands.  All cores are used; with `deps` among the goals
# everything else waits for it.
Q = $(if $(V),,@)
say = $(if $(V),,@echo '  $(1)' $@)
MAKEFLAGS += -j$(shell nproc)
FIRST = $(filter deps,$(MAKECMDGOALS))

all: $(BUILD)/cartolina

$(BUILD)/cartolina: $(OBJECTS) $(NOMATH)
	$(call say,link)
	$(Q)$(CC) $(OUR_LDFLAGS) $(OBJECTS) $(NOMATH) $(LIBS) $(LDFLAGS) -o $@

$(BUILD)/obj/%.o: fcgi/%.c Makefile | $(FIRST) $(BUILD)/obj
	$(call say,compile)
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) -c $< -o $@

$(BUILD)/obj $(BUILD)/unit $(BUILD)/replay:
	@mkdir -p $@

# The names of the built-in files; the assembler takes in the files themselves.
$(BUILD)/resources.inc: $(RESOURCES) Makefile | $(BUILD)/obj
	@n=0; for file in $(RESOURCES); do \
		echo "RESOURCE($$n, \"$${file#conf/}\", \"$$file\")"; n=$$((n+1)); \
	done > $@
$(BUILD)/obj/resource.o: $(BUILD)/resources.inc

# --- set-up ----------------------------------------------------------------------
# What tests need besides comes along only when tests are asked for.
BUILD_PACKAGES = gcc libc6-dev make libfcgi-dev libmarkdown2-dev libyaml-dev libsqlite3-dev \
	libjansson-dev libcmark-gfm-dev libcmark-gfm-extensions-dev libxxhash-dev nginx-light
TEST_PACKAGES = libcmocka-dev python3 perl curl apache2 lighttpd varnish varnish-modules iproute2 rsync \
	chromium chromium-driver cmark-gfm wrk $(if $(shell command -v npm 2>/dev/null),,npm)

deps:
	@tests/lib/install-packages $(BUILD_PACKAGES) \
		$(if $(filter check% lint bench golden soak,$(MAKECMDGOALS)),$(TEST_PACKAGES)) \
		$(if $(filter fuzz,$(MAKECMDGOALS)),clang) $(if $(filter format,$(MAKECMDGOALS)),clang-format)

run: $(BUILD)/cartolina
	@PORT=$(PORT) conf/run $(BUILD)/cartolina

# --- tests -------------------------------------------------------------------------
check: $(BUILD)/cartolina $(UNIT_TESTS) $(REPLAYS) lint
	@BUILD=$(BUILD) tests/run

# These have a libmarkdown of their own: tests/lib/discount.h
$(BUILD)/unit/test_renderer $(BUILD)/unit/test_indexer: private WRAP = -Wl,--wrap=dlsym

$(BUILD)/unit/%: tests/unit/%.c $(filter-out $(BUILD)/obj/main.o,$(OBJECTS)) | $(BUILD)/unit
	$(call say,link)
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) $< $(filter-out $(BUILD)/obj/main.o,$(OBJECTS)) \
		$(OUR_LDFLAGS) $(WRAP) -lcmocka $(LIBS) $(LDFLAGS) -o $@

$(BUILD)/replay/%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(filter-out $(BUILD)/obj/main.o,$(OBJECTS)) | $(BUILD)/replay
	$(call say,link)
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) -UNDEBUG -MF $@.d $(filter %.c,$^) $(filter %.o,$^) \
		$(OUR_LDFLAGS) $(LIBS) $(LDFLAGS) -o $@

# Each target for FUZZ_SECONDS, by clang's libFuzzer; new inputs stay in build/fuzz.
fuzz: $(BUILD)/resources.inc
	@tests/fuzz/run $(BUILD) $(FUZZ_SECONDS) $(FUZZ_TARGETS)

golden: $(BUILD)/cartolina
	@tests/golden/run --rewrite $(BUILD)/cartolina

lint: | $(FIRST)
	@tests/lint/layers fcgi include
	@for header in include/*.h; do \
		echo "#include \"$${header#include/}\"" | $(CC) $(OUR_CFLAGS) -MF /dev/null -x c -fsyntax-only - || exit 1; \
	done

format:
	git clang-format --force --extensions c,h

bench: $(BUILD)/cartolina
	@tests/bench/run $(BUILD)/cartolina

# Readers, edits, reloads and kills for a quarter of an hour: SOAK_SECONDS=60 make soak
soak: $(BUILD)/cartolina
	@tests/soak/run --seconds $(SOAK_SECONDS) $(BUILD)/cartolina

# --- the rest ------------------------------------------------------------------------
install: $(BUILD)/cartolina
	install -D -m 755 $(BUILD)/cartolina $(DESTDIR)$(prefix)/bin/cartolina
	install -D -m 644 conf/cartolina.yaml $(DESTDIR)$(prefix)/share/cartolina/cartolina.yaml
	for server in nginx apache lighttpd caddy varnish systemd examples; do \
		for file in conf/$$server/*; do \
			install -D -m 644 $$file $(DESTDIR)$(prefix)/share/cartolina/$${file#conf/}; \
		done; \
	done

uninstall:
	rm -f $(DESTDIR)$(prefix)/bin/cartolina
	rm -rf $(DESTDIR)$(prefix)/share/cartolina

clean:
	rm -rf build

help:
	@echo 'make deps run    set up, build, serve the sample site at http://127.0.0.1:$(PORT)/'
	@echo 'make deps check  set up, build, run the tests'
	@echo 'make             build only'
	@echo 'make install     into $(prefix), with the samples; make uninstall'
	@echo 'make lint        the include graph, and every header by itself'
	@echo 'make format      clang-format over the lines of C that you changed'
	@echo 'make golden      write what tests/golden expects anew, for you to review'
	@echo 'make bench       figures, as ratios to floors in the same run'
	@echo 'make soak        readers, edits, reloads and kills for $(SOAK_SECONDS) s'
	@echo 'make fuzz        each parser for $(FUZZ_SECONDS) s, by libFuzzer'
	@echo 'make clean       take build/ away'
	@echo 'PORT=8081 make run   SOAK_SECONDS=60 make soak   SHARED=1 make   DEVELOPER=1 make'
	@echo 'SANITIZE=address,undefined make check   BUILD=build/other make   V=1 make'

.PHONY: all deps run check fuzz golden lint format bench soak install uninstall clean help
.SECONDARY: $(UNIT_TESTS) $(REPLAYS)
-include $(wildcard $(BUILD)/obj/*.d $(BUILD)/unit/*.d)
