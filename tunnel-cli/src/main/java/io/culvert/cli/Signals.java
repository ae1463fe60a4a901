package io.culvert.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * SIGINT and SIGTERM as calls. The JDK's only door to them is sun.misc.Signal (module
 * jdk.unsupported), which javac warns of in a way that cannot be silenced: hence reflection.
 */
final class Signals {
  private static final Map<String, Integer> STATUS =
      Map.of("INT", ExitCodes.INTERRUPTED, "TERM", ExitCodes.TERMINATED);

  private Signals() {}

  /**
   * Has each signal from now on call {@code action} with its exit status, on a thread of the JVM.
   * Where a JVM does not offer it, signals go on ending the process at once.
   */
  static void onEnd(IntConsumer action) {
    STATUS.forEach((signal, status) -> on(signal, () -> action.accept(status)));
  }

  /** Has a signal, named without SIG, run the action; nothing if there is no such signal. */
  static void on(String name, Runnable action) {
    try {
      Class<?> signalClass = Class.forName("sun.misc.Signal");
      Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
      InvocationHandler calls =
          (proxy, method, args) ->
              switch (method.getName()) {
                case "handle" -> {
                  action.run();
                  yield null;
                }
                case "hashCode" -> System.identityHashCode(proxy);
                case "equals" -> proxy == args[0];
                default -> "culvert " + name;
              };
      Object handler =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(), new Class<?>[] {handlerClass}, calls);
      Object signal = signalClass.getConstructor(String.class).newInstance(name);
      signalClass.getMethod("handle", signalClass, handlerClass).invoke(null, signal, handler);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      // No such class, or no such signal on this system: what the JVM does by itself stays.
      return;
    }
  }
}
