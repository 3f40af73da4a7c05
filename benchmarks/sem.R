# lavaan's side of benchmarks/sem.py: reads the tasks (JSON), writes seconds, estimates and the resamples that it drew.
suppressMessages({library(lavaan); library(jsonlite)})
paths <- commandArgs(trailingOnly = TRUE)
tasks <- read_json(paths[1])

processor <- function(code, repeats, calls = 1)
  median(replicate(repeats, sum(system.time(for (i in seq_len(calls)) code())[c("user.self", "sys.self")]))) / calls
elapsed <- function(code, repeats) median(replicate(repeats, system.time(code())[["elapsed"]]))

arguments <- function(task) {
  args <- lapply(task$args, unlist)
  args <- c(list(model = task$syntax, data = read.csv(task$data, na.strings = "")), args)
  if (isTRUE(task$ordered)) args$ordered <- TRUE
  args
}

run <- function(task) {
  args <- arguments(task)
  fitted <- do.call("sem", args)
  fresh <- function() do.call("sem", args)
  result <- list(seconds = if (task$samples == 0) processor(fresh, task$repeats, task$calls), estimates = coef(fitted))
  if (task$samples > 0) {
    draw <- function(parallel) function()
      bootstrapLavaan(fitted, R = task$samples, FUN = "coef", parallel = parallel, ncpus = 2L, keep.idx = TRUE, iseed = 1)
    drawn <- draw("no")()
    result$seconds <- processor(draw("no"), task$repeats)
    result$seconds_two <- elapsed(draw("multicore"), task$repeats)
    rows <- attr(drawn, "boot.idx")
    result$rows <- if (is.list(rows)) lapply(rows, function(m) m - 1L) else list(rows - 1L)
    result$refits <- unclass(drawn)[, , drop = FALSE]
  }
  result
}
results <- lapply(tasks, run)
write(toJSON(list(lavaan = as.character(packageVersion("lavaan")), results = results), digits = NA, auto_unbox = TRUE,
             matrix = "rowmajor"), paths[2])
