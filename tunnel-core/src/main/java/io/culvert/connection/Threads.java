package io.culvert.connection;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Named daemon threads; virtual ones where the JVM has them. */
public final class Threads {

  private Threads() {}

  /** A factory of daemon platform threads called {@code prefix-1}, {@code prefix-2} and so on. */
  public static ThreadFactory platform(String prefix) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, prefix + "-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /**
   * An executor that runs every task at once, each on a virtual thread (Java 21 and later), else on
   * a pooled platform thread that ends after five idle seconds.
   */
  public static ExecutorService perTask(String prefix) {
    ThreadFactory virtual = virtual(prefix);
    if (virtual != null) {
      try {
        Method method = Executors.class.getMethod("newThreadPerTaskExecutor", ThreadFactory.class);
        return (ExecutorService) method.invoke(null, virtual);
      } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
        throw new IllegalStateException("virtual threads exist but their executor does not", e);
      }
    }
    return new ThreadPoolExecutor(
        0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), platform(prefix));
  }

  /** A factory of virtual threads, or null if this JVM has none. */
  private static ThreadFactory virtual(String prefix) {
    if (Runtime.version().feature() < 21) {
      return null;
    }
    try {
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      Class<?> type = Class.forName("java.lang.Thread$Builder");
      builder = type.getMethod("name", String.class, long.class).invoke(builder, prefix + "-", 1L);
      return (ThreadFactory) type.getMethod("factory").invoke(builder);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Java 21 and later have virtual threads", e);
    }
  }
}
