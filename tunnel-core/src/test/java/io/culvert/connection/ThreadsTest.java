package io.culvert.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What kind of threads there are, on the JVM that runs the test. */
@Timeout(60)
class ThreadsTest {

  @Test
  void tasksRunOnNamedVirtualThreadsWhereTheJvmHasThem() throws Exception {
    ExecutorService executor = Threads.perTask("test-task");
    try {
      Thread first = executor.submit(Thread::currentThread).get();
      assertTrue(first.getName().startsWith("test-task-"), first.getName());
      assertTrue(first.isDaemon());
      assertEquals(Runtime.version().feature() >= 21, isVirtual(first));
    } finally {
      executor.shutdown();
      assertTrue(executor.awaitTermination(30, TimeUnit.SECONDS));
    }
  }

  /** By reflection, because the oldest supported JVM has no such method. */
  private static boolean isVirtual(Thread thread) throws ReflectiveOperationException {
    return Runtime.version().feature() >= 21
        && (boolean) Thread.class.getMethod("isVirtual").invoke(thread);
  }
}
