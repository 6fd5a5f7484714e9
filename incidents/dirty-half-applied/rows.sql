-- The number had been entered twice; somebody looked and knew which one was wrong.
update parcels set tracking_number = tracking_number || '-2'
where id in (select max(id) from parcels group by tracking_number having count(*) > 1);
