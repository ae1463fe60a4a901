package io.culvert.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.culvert.cli.CommonOptions.LogFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is logged, and how: set by options, not by a file that would have to lie somewhere. Logback
 * finds the class as a service, and so reads no XML.
 */
public final class LogSetup extends ContextAwareBase implements Configurator {
  /** Nobody can make a line of their own by what they send. */
  private static final String LINE =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %replace(%msg){'\\p{Cntrl}+', ' '}";

  /** For logback. */
  public LogSetup() {}

  /** Says nothing until {@link #apply}. */
  @Override
  public ExecutionStatus configure(LoggerContext context) {
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.OFF);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /** As the options say; nothing but the screen if they say nothing and there is a terminal. */
  static void applyFor(CommonOptions options, Surroundings surroundings) {
    if (options.log != null) {
      apply(options.log, options.verbose);
    } else if (surroundings.terminal().isEmpty()) {
      apply(LogFormat.TEXT, options.verbose);
    }
  }

  /**
   * Begins to log to standard output.
   *
   * @param verbose also what libraries say at INFO, what Culvert says at DEBUG, and stack traces
   */
  static void apply(LogFormat format, boolean verbose) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setEncoder(format == LogFormat.JSON ? json(context, verbose) : text(context, verbose));
    appender.start();
    ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(verbose ? Level.INFO : Level.WARN);
    root.addAppender(appender);
    context.getLogger("io.culvert").setLevel(verbose ? Level.DEBUG : Level.INFO);
  }

  private static Encoder<ILoggingEvent> text(LoggerContext context, boolean verbose) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(LINE + (verbose ? " [%logger{0}]%n%ex" : "%n%nopex"));
    encoder.start();
    return encoder;
  }

  private static Encoder<ILoggingEvent> json(LoggerContext context, boolean verbose) {
    JsonEncoder encoder = new JsonEncoder();
    encoder.setContext(context);
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.setWithContext(false);
    encoder.setWithMarkers(false);
    encoder.setWithMDC(false);
    encoder.setWithArguments(false);
    encoder.setWithMessage(false);
    encoder.setWithFormattedMessage(true);
    encoder.setWithThreadName(verbose);
    encoder.setWithThrowable(verbose);
    encoder.start();
    return encoder;
  }
}
