delete from django_migrations where app = 'notifications';
update django_migrations set applied = timestamp '2025-03-01 08:00:00+00' + id * interval '1 hour';
insert into auth_user (id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
    date_joined)
    values (1, '!', false, 'ann', '', '', 'ann@example.org', false, true, timestamp '2025-03-01 08:00:00+00');
insert into user_profile_profile (id, display_name, user_id) values (1, 'Ann', 1);
insert into notifications_notification (text, recipient_id) values ('welcome', 1), ('your team plays today', 1);
